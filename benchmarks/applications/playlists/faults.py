"""Twelve faults of the playlists."""

from __future__ import annotations

from applications.faults import (
    ACCEPTS,
    ANSWER,
    CRASH,
    DELETION,
    HTTP,
    LISTS,
    PERMISSIONS,
    STATES,
    STORED,
    Api,
    Faults,
)

FAULTS = Faults()
TRACK = {"title": "So What", "artist": "Miles Davis", "seconds": 562}


def _playlist(api: Api, **members: object) -> str:
    return f"/playlists/{api.made('/playlists', {'title': 'Blue', **members})['id']}"


@FAULTS("empty-description-crashes", CRASH, "POST /playlists")
def _(api: Api) -> bool:
    """An empty description crashes the server."""
    return api("POST", "/playlists", {"title": "Blue", "description": ""}).status_code == 500


@FAULTS("order-of-unknown-crashes", CRASH, "PUT /playlists/{playlist_id}/order")
def _(api: Api) -> bool:
    """An order of tracks that are not there crashes the server."""
    return api("PUT", f"{_playlist(api)}/order", {"track_ids": [12345]}).status_code == 500


@FAULTS("rating-unbounded", ACCEPTS, "POST /playlists/{playlist_id}/tracks")
def _(api: Api) -> bool:
    """A rating above the maximum is accepted."""
    return api("POST", f"{_playlist(api)}/tracks", {**TRACK, "rating": 6}).status_code == 201


@FAULTS("null-for-no-tracks", ANSWER, "POST /playlists", "GET /playlists", "GET /playlists/{playlist_id}",
        "PATCH /playlists/{playlist_id}", "PUT /playlists/{playlist_id}/lock", "DELETE /playlists/{playlist_id}/lock",
        "PUT /playlists/{playlist_id}/order")  # fmt: skip
def _(api: Api) -> bool:
    """Tracks are null where there are none."""
    return api.read(_playlist(api))["tracks"] is None


@FAULTS("allow-lies", HTTP, "GET /playlists", "POST /playlists")
def _(api: Api) -> bool:
    """Allow names methods that are refused."""
    return "DELETE" in api("DELETE", "/playlists").headers["Allow"]


@FAULTS("title-normalised", STORED, "POST /playlists", "GET /playlists/{playlist_id}")
def _(api: Api) -> bool:
    """Characters of a title are replaced by others that look alike."""
    return bool(api.read(_playlist(api, title="№ ½"))["title"] != "№ ½")


@FAULTS("long-track-cut", STORED, "POST /playlists/{playlist_id}/tracks",
        "GET /playlists/{playlist_id}/tracks/{track_id}", "GET /playlists/{playlist_id}/tracks")  # fmt: skip
def _(api: Api) -> bool:
    """A track of more than an hour is stored as one of an hour."""
    return bool(api.made(f"{_playlist(api)}/tracks", {**TRACK, "seconds": 4000})["seconds"] == 3600)


@FAULTS("removed-still-counted", DELETION, "DELETE /playlists/{playlist_id}/tracks/{track_id}",
        "GET /playlists/{playlist_id}")  # fmt: skip
def _(api: Api) -> bool:
    """A track that was removed is still among the ids of its playlist."""
    playlist = _playlist(api)
    track = api.made(f"{playlist}/tracks", TRACK)["id"]
    api("DELETE", f"{playlist}/tracks/{track}")
    return bool(api.read(playlist)["tracks"] == [track])


@FAULTS("descending-ascends", LISTS, "GET /playlists")
def _(api: Api) -> bool:
    """Sorting by title descending sorts ascending."""
    _playlist(api, title="A")
    _playlist(api, title="B")
    return [playlist["title"] for playlist in api.read("/playlists?sort=-title")["playlists"]] == ["A", "B"]


@FAULTS("limit-capped", LISTS, "GET /playlists")
def _(api: Api) -> bool:
    """A page never has more than ten items."""
    for _ in range(11):
        _playlist(api)
    return len(api.read("/playlists?limit=20")["playlists"]) == 10


@FAULTS("locked-takes-tracks", STATES, "POST /playlists/{playlist_id}/tracks")
def _(api: Api) -> bool:
    """Tracks can be added to a locked playlist."""
    playlist = _playlist(api)
    api("PUT", f"{playlist}/lock")
    return api("POST", f"{playlist}/tracks", TRACK).status_code == 201


@FAULTS("private-listed", PERMISSIONS, "GET /playlists")
def _(api: Api) -> bool:
    """Private playlists of others are in the list."""
    _playlist(api)
    return bool(api.read("/playlists", user=1)["playlists"])
