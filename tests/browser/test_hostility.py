"""A target writes whatever it likes, and the page's reader comes to no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import Onlooker
from tests.browser.pages import hostile_pages, whole_page
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from tests.browser.looking import Canary, LocationRead, Windows

pytestmark = pytest.mark.browser

# What would strike if it were markup; ELSEWHERE stands for a server that must not be called.
STRIKES = {
    "script": "<script>window.struck=1</script>",
    "script of its own": "</script><script>window.struck=1</script><script src=ELSEWHERE/a></script>",
    "style of its own": "</style><style>*{background:url(ELSEWHERE/b)}</style><link rel=stylesheet href=ELSEWHERE>",
    "image": "\"'><img src=ELSEWHERE/d onerror=window.struck=1><svg onload=window.struck=1><image href=ELSEWHERE/e>",
    "frame": "</pre><iframe src=ELSEWHERE/f srcdoc='<script>top.struck=1</script>'></iframe><object data=ELSEWHERE/g>",
    "link": "javascript:window.struck=1",
    "base": "<base href=ELSEWHERE/h><meta http-equiv=refresh content='0;url=ELSEWHERE/i'>",
    "handler": "x\" onfocus=window.struck=1 autofocus tabindex=0 onmouseover='window.struck=1' style='color:red",
    "form": "<form action=ELSEWHERE/j><input autofocus onfocus=window.struck=1></form>",
    "drawing": "</text></svg><svg><animate onbegin=window.struck=1 attributeName=x dur=1s></svg>",
    "entity": "&lt;script&gt;window.struck=1&lt;/script&gt;&#x3c;img src=ELSEWHERE/k&#x3e;",
    "template": "{{ cycler.__init__.__globals__ }}{% for x in range(9) %}",
    "fragment": '#"><script>window.struck=1</script>',
}


@pytest.mark.parametrize("text", STRIKES.values(), ids=STRIKES.keys())
def test_nothing_of_a_target_runs_and_nothing_is_asked_for(text: str, look: Onlooker, canary: Canary) -> None:
    for source in hostile_pages(text.replace("ELSEWHERE", canary.origin)):
        seen = look.at(source)
        seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        seen.page.locator("body").hover()

        assert seen.page.evaluate("window.struck") is None
        assert seen.requests == [seen.page.url]
        assert seen.messages == []
    assert canary.seen == []


@pytest.fixture(scope="module")
def harmless(windows: Windows, tmp_path_factory: pytest.TempPathFactory) -> str:
    onlooker = Onlooker(windows, tmp_path_factory.mktemp("harmless"))
    return outline_of(onlooker.at(hostile_pages("harmless")[0]))


def outline_of(seen: LocationRead) -> str:
    """The elements of a page as the browser understood it."""
    return str(seen.page.evaluate("[...document.body.querySelectorAll('*')].map((part) => part.localName).join(' ')"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_page_stays_as_it_is_whatever_a_target_writes(text: str, harmless: str, look: Onlooker) -> None:
    assert outline_of(look.at(hostile_pages(text)[0])) == harmless


def test_a_script_that_got_into_the_page_would_not_run(look: Onlooker) -> None:
    seen = look.at(
        whole_page().replace("<main>", "<main><script>window.struck=1</script><img src=x onerror=window.struck=1>")
    )

    assert seen.page.evaluate("window.struck") is None
    assert any("Content Security Policy" in message for message in seen.messages)


def test_a_request_that_got_into_the_page_would_not_leave_it(look: Onlooker, canary: Canary) -> None:
    markup = f"<img src={canary.origin}/image><link rel=stylesheet href={canary.origin}><iframe src={canary.origin}>"
    seen = look.at(whole_page().replace("<main>", f"<main>{markup}"))
    seen.page.wait_for_load_state("networkidle")

    assert canary.seen == []
    assert any("Content Security Policy" in message for message in seen.messages)


def test_the_canary_notices_who_calls(look: Onlooker, canary: Canary) -> None:
    look.at(f"<img src={canary.origin}/hello>").page.wait_for_load_state("networkidle")

    assert canary.seen == ["/hello"]
    canary.seen.clear()
