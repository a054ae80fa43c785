"""Playlists of several users."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import digits, list_of, one_of, or_null, record, text, truth, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "starlette"
KEY_HEADER = "Authorization"


class Playlists(Application):
    """Playlists with tracks; each belongs to a user."""

    invalid_status = 400
    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._playlists: dict[int, dict[str, Any]] = {}
        self._owners: dict[int, int] = {}
        self._tracks: dict[int, dict[str, Any]] = {}
        members = {"title": text(1, 100), "public": truth, "description": or_null(text(0, 500))}
        self._new = record({"title": members["title"]}, members)
        self._change = record({}, members, least=1)
        self._track = record(
            {"title": text(1, 200), "artist": text(1, 200), "seconds": whole(1, 86_400)},
            {"rating": or_null(whole(1, 99 if fault == "rating-unbounded" else 5))},
        )

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/playlists": {"GET": self._list, "POST": self._create},
            "/playlists/{playlist_id}": {"GET": self._read, "PATCH": self._patch, "DELETE": self._delete},
            "/playlists/{playlist_id}/lock": {"PUT": self._lock, "DELETE": self._unlock},
            "/playlists/{playlist_id}/order": {"PUT": self._order},
            "/playlists/{playlist_id}/tracks": {"GET": self._list_tracks, "POST": self._add},
            "/playlists/{playlist_id}/tracks/{track_id}": {"GET": self._read_track, "DELETE": self._remove},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        return Answer(refused.status, {"errors": [{"code": refused.code, "text": refused.message}]}, refused.headers)

    def finished(self, request: Request, answer: Answer) -> Answer:
        if self.fault == "allow-lies" and answer.status == 405 and request.template == "/playlists":
            return Answer(405, answer.body, {**answer.headers, "Allow": "DELETE, GET, HEAD, OPTIONS, POST, PUT"})
        return answer

    def _told(self, playlist: dict[str, Any]) -> dict[str, Any]:
        tracks = playlist["tracks"]
        if self.fault == "null-for-no-tracks" and not tracks:
            return {**playlist, "tracks": None}
        return dict(playlist)

    def _visible(self, request: Request) -> dict[str, Any]:
        user = self.user(request)
        number = numbered(request.path["playlist_id"])
        playlist = self._playlists.get(number)
        if playlist is None or not (playlist["public"] or self._owners[number] == user):
            raise RefusedError(404, "not_found", "There is no such playlist.")
        return playlist

    def _own(self, request: Request) -> dict[str, Any]:
        playlist = self._visible(request)
        if self._owners[playlist["id"]] != self.user(request):
            raise RefusedError(403, "forbidden", "The playlist is another user's.")
        return playlist

    def _open(self, playlist: dict[str, Any]) -> None:
        if playlist["locked"]:
            raise RefusedError(409, "locked", "The playlist is locked.")

    def _list(self, request: Request) -> Answer:
        user = self.user(request)
        asked = self.query(
            request,
            owner=(one_of("me", "anyone"), "anyone"),
            sort=(one_of("id", "title", "-title"), "id"),
            limit=(digits(1, 50), 20),
            offset=(digits(0, 10_000), 0),
        )
        found = [
            playlist
            for number, playlist in self._playlists.items()
            if self._owners[number] == user
            or (asked["owner"] == "anyone" and (playlist["public"] or self.fault == "private-listed"))
        ]
        member = asked["sort"].removeprefix("-")
        descending = asked["sort"].startswith("-") and self.fault != "descending-ascends"
        found.sort(key=lambda playlist: (playlist[member], playlist["id"]), reverse=descending)
        limit = min(asked["limit"], 10) if self.fault == "limit-capped" else asked["limit"]
        page = [self._told(playlist) for playlist in found[asked["offset"] : asked["offset"] + limit]]
        return Answer(200, {"playlists": page, "total": len(found)})

    def _create(self, request: Request) -> Answer:
        user = self.user(request)
        given = self.body(request, self._new)
        if self.fault == "empty-description-crashes" and given.get("description") is not None:
            given["description"][0]
        playlist = {
            "id": self.next_number(),
            "public": False,
            "description": None,
            "locked": False,
            "tracks": [],
            **given,
        }
        if self.fault == "title-normalised":
            playlist["title"] = unicodedata.normalize("NFKC", playlist["title"])
        self._playlists[playlist["id"]] = playlist
        self._owners[playlist["id"]] = user
        return Answer(201, self._told(playlist), {"Location": f"/playlists/{playlist['id']}"})

    def _read(self, request: Request) -> Answer:
        return Answer(200, self._told(self._visible(request)))

    def _patch(self, request: Request) -> Answer:
        playlist = self._own(request)
        playlist.update(self.body(request, self._change))
        return Answer(200, self._told(playlist))

    def _delete(self, request: Request) -> Answer:
        playlist = self._own(request)
        for track in playlist["tracks"]:
            self._tracks.pop(track, None)
        del self._playlists[playlist["id"]]
        return Answer(204)

    def _lock(self, request: Request) -> Answer:
        playlist = self._own(request)
        playlist["locked"] = True
        return Answer(200, self._told(playlist))

    def _unlock(self, request: Request) -> Answer:
        playlist = self._own(request)
        playlist["locked"] = False
        return Answer(200, self._told(playlist))

    def _order(self, request: Request) -> Answer:
        playlist = self._own(request)
        rule = record({"track_ids": list_of(whole(1, 2**53), 0, 1000, unique=True)})
        wanted = self.body(request, rule)["track_ids"]
        self._open(playlist)
        if self.fault == "order-of-unknown-crashes":
            wanted = [self._tracks[number]["id"] for number in wanted]
        if sorted(wanted) != sorted(playlist["tracks"]):
            raise RefusedError(422, "other_tracks", "Each track of the playlist has to be there once.")
        playlist["tracks"] = wanted
        return Answer(200, self._told(playlist))

    def _list_tracks(self, request: Request) -> Answer:
        tracks = [self._tracks[number] for number in self._visible(request)["tracks"] if number in self._tracks]
        return Answer(200, {"tracks": tracks})

    def _add(self, request: Request) -> Answer:
        playlist = self._own(request)
        given = self.body(request, self._track)
        if self.fault != "locked-takes-tracks":
            self._open(playlist)
        if self.fault == "long-track-cut":
            given["seconds"] = min(given["seconds"], 3600)
        track = {"id": self.next_number(), "rating": None, **given}
        self._tracks[track["id"]] = track
        playlist["tracks"] = [*playlist["tracks"], track["id"]]
        return Answer(201, track, {"Location": f"/playlists/{playlist['id']}/tracks/{track['id']}"})

    def _found_track(self, request: Request, playlist: dict[str, Any]) -> dict[str, Any]:
        number = numbered(request.path["track_id"])
        if number not in playlist["tracks"] or number not in self._tracks:
            raise RefusedError(404, "not_found", "There is no such track in the playlist.")
        return self._tracks[number]

    def _read_track(self, request: Request) -> Answer:
        return Answer(200, self._found_track(request, self._visible(request)))

    def _remove(self, request: Request) -> Answer:
        playlist = self._own(request)
        track = self._found_track(request, playlist)
        self._open(playlist)
        del self._tracks[track["id"]]
        if self.fault != "removed-still-counted":
            playlist["tracks"] = [number for number in playlist["tracks"] if number != track["id"]]
        return Answer(204)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Playlists(fault, keys)
