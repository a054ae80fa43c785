"""What can be wrong with the translation desk: named by the environment, with commas between."""

from __future__ import annotations

from typing import Final

FAULTS: Final = "DESK_FAULTS"

UNKNOWN_MEMBER_ACCEPTED: Final = "unknown member accepted"
LONG_TEXT_ACCEPTED: Final = "long text accepted"
VALID_REQUEST_REFUSED: Final = "valid request refused"
UNDOCUMENTED_CODE: Final = "undocumented code"
CODE_AS_TEXT: Final = "code as a text"
MESSAGE_MISSING: Final = "message missing"
KEY_IGNORED: Final = "key ignored"
CRASH_ON_EMPTY: Final = "crash on an empty text"
CRASH_AFTER_CHARGE: Final = "crash after the charge"
ANSWER_LOST: Final = "answer lost after the charge"
DOUBLE_CHARGE: Final = "charge twice as high"
STREAM_CHARGE: Final = "summary charged by its sentences"
REFUSAL_CHARGED: Final = "refusal is charged"
STREAM_WITHOUT_END: Final = "stream without its last frame"
STREAM_CUT_OFF: Final = "stream cut off"
STREAM_GOES_ON: Final = "frames after the last one"
FRAME_IS_NO_JSON: Final = "frame is no JSON"
GLOSSARY_LOST: Final = "new glossary unknown"
TRANSLATION_LOST: Final = "new translation unknown"
