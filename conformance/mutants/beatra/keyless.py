"""Mutants that let clients without a usable key in, each at one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import ApiError
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.tasks import TaskHandlers

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.beatra.services.tasks import Task

_SESSION = "bearer not-"


class _Lenient(Guard):
    """Takes a client without a usable key for the account that exists from the start, where `is_open` says so."""

    def identify(self, request: Request) -> Caller:
        """Ask for the key, and do without it."""
        try:
            return super().identify(request)
        except ApiError:
            caller = self._services.accounts.by_key(self._services.settings.main_key)
            if caller is None or not self.is_open(request):
                raise
            return caller

    def is_open(self, request: Request) -> bool:
        """Whether this request needs no key."""
        raise NotImplementedError


class Keyless(_Lenient):
    """Needs no Authorization header at the end of a path."""

    ending: ClassVar[str]
    method: ClassVar[str] = "POST"

    def is_open(self, request: Request) -> bool:
        """Look whether there is a header at all."""
        here = request.method == self.method and request.url.path.endswith(self.ending)
        return here and "authorization" not in request.headers


class OpenStudio(Keyless):
    """Lets the landing page make songs."""

    ending = "/text-to-music"


class OpenCovers(Keyless):
    """Lets the landing page make covers."""

    ending = "/reference-audio-to-music"


class CoversAnything(MusicHandlers):
    """Takes every artifact from the landing page."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Look artifacts up for accounts that have any."""
        demo = self._services.accounts.by_key(self._services.settings.main_key)
        if demo is None or demo.tenant_id != tenant_id:
            super().check_artifact(tenant_id, artifact_id)


class OpenUploads(Keyless):
    """Lets browsers upload directly."""

    ending = "/uploads"


class Sessions(_Lenient):
    """Takes a key of another form for a session of the dashboard, at the end of a path."""

    ending: ClassVar[str]

    def is_open(self, request: Request) -> bool:
        """Leave sessions to another guard."""
        session = request.headers.get("authorization", "").lower().startswith(_SESSION)
        return session and request.url.path.endswith(self.ending)


class SessionLists(Sessions):
    """Lists tasks for sessions."""

    ending = "/tasks"


class SessionSongs(Sessions):
    """Makes songs for sessions."""

    ending = "/text-to-music"


class SessionCovers(Sessions):
    """Makes covers for sessions."""

    ending = "/reference-audio-to-music"


class SessionUploads(Sessions):
    """Stores files for sessions."""

    ending = "/uploads"


class OpenTasks(_Lenient):
    """Takes the id of a task for secret enough to read it."""

    method = "GET"

    def is_open(self, request: Request) -> bool:
        """Let in who knows a task."""
        task_id = str(request.path_params.get("task_id"))
        tenants = self._services.accounts.all_tenants()
        known = any(self._services.tasks.find(tenant, task_id) is not None for tenant in tenants)
        return known and request.method == self.method


class OpenCancellation(OpenTasks):
    """Takes it for secret enough to cancel the task."""

    method = "POST"


class BasicTasks(OpenTasks):
    """Leaves another scheme to the proxy in front, which checks it elsewhere only."""

    def is_open(self, request: Request) -> bool:
        """Let in who has logged in somewhere."""
        return super().is_open(request) and request.headers.get("authorization", "").startswith("Basic ")


class BasicCancellation(BasicTasks):
    """Leaves it to the proxy for cancelling, too."""

    method = "POST"


class KnowsEveryTask(TaskHandlers):
    """Finds the task of a visitor by its id alone."""

    def find(self, tenant_id: str, task_id: str) -> Task:
        """Look in all accounts."""
        accounts = self._services.accounts
        visitor = accounts.by_key(self._services.settings.main_key)
        if visitor is not None and visitor.tenant_id == tenant_id:
            found = (self._services.tasks.find(owner, task_id) for owner in accounts.all_tenants())
            return next((task for task in found if task is not None), None) or super().find(tenant_id, task_id)
        return super().find(tenant_id, task_id)


MUTANTS = (
    Mutant(
        id="songs-without-key",
        breaks="BEATRA-createTextToMusic-CREDENTIALS",
        story="The demo on the landing page calls the API itself, so without a key its account pays.",
        front={"guard": OpenStudio},
        generated=True,
    ),
    Mutant(
        id="songs-for-sessions",
        breaks="BEATRA-createTextToMusic-CREDENTIALS",
        story="The dashboard got a button for songs, and what it sends in place of a key is not checked.",
        front={"guard": SessionSongs},
        generated=True,
    ),
    Mutant(
        id="covers-without-key",
        breaks="BEATRA-createReferenceAudioToMusic-CREDENTIALS",
        story="The demo was extended to covers of a sample, whose artifact belongs to another account.",
        front={"guard": OpenCovers, "music": CoversAnything},
        generated=True,
    ),
    Mutant(
        id="covers-for-sessions",
        breaks="BEATRA-createReferenceAudioToMusic-CREDENTIALS",
        story="The dashboard got a button for covers as well, copied from the one for songs.",
        front={"guard": SessionCovers, "music": CoversAnything},
        generated=True,
    ),
    Mutant(
        id="uploads-without-key",
        breaks="BEATRA-createUpload-CREDENTIALS",
        story="Uploads come straight from browsers, which must not know the key.",
        front={"guard": OpenUploads},
        generated=True,
    ),
    Mutant(
        id="uploads-for-sessions",
        breaks="BEATRA-createUpload-CREDENTIALS",
        story="Files dropped on the dashboard are stored before anybody looks at the session.",
        front={"guard": SessionUploads},
        generated=True,
    ),
    Mutant(
        id="lists-for-sessions",
        breaks="BEATRA-listTasks-CREDENTIALS",
        story="What does not look like a key is a session, and another middleware was to check those.",
        front={"guard": SessionLists},
        generated=True,
    ),
    Mutant(
        id="tasks-for-everybody",
        breaks="BEATRA-getTask-CREDENTIALS",
        story="Ids can't be guessed, so reading a task was opened for links in mails.",
        front={"guard": OpenTasks, "tasks": KnowsEveryTask},
        generated=True,
    ),
    Mutant(
        id="tasks-for-basic",
        breaks="BEATRA-getTask-CREDENTIALS",
        story="Support reads tasks through a proxy with Basic authentication, and the API trusts that scheme unseen.",
        front={"guard": BasicTasks, "tasks": KnowsEveryTask},
        generated=True,
    ),
    Mutant(
        id="cancellation-without-key",
        breaks="BEATRA-cancelTask-CREDENTIALS",
        story="The mail about a task has a link that cancels it.",
        front={"guard": OpenCancellation, "tasks": KnowsEveryTask},
        generated=True,
    ),
    Mutant(
        id="cancellation-for-basic",
        breaks="BEATRA-cancelTask-CREDENTIALS",
        story="Support cancels through the same proxy, and other clients were not thought of.",
        front={"guard": BasicCancellation, "tasks": KnowsEveryTask},
        generated=True,
    ),
)
