"""The recipe book."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import digits, list_of, number, one_of, or_null, record, text, truth, whole, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "flask"
KEY_HEADER = None
UNITS = ("g", "ml", "piece", "spoon")
TAG = "[a-z]{2,15}"
DEFAULTS: dict[str, Any] = {"tags": [], "vegetarian": False, "notes": None}


class Recipes(Application):
    """Recipes with ingredients and steps."""

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._recipes: dict[int, dict[str, Any]] = {}
        ingredient = record(
            {"name": text(1, 60), "amount": number(0, 100_000)},
            {"unit": or_null(one_of(*UNITS))},
            closed=fault != "unknown-member-of-ingredient",
        )
        needed = {
            "name": text(1, 100),
            "servings": whole(1, 50),
            "minutes": whole(1, 1440),
            "ingredients": list_of(ingredient, 1, 30),
            "steps": list_of(text(1, 500), 1, 30),
        }
        optional = {"tags": list_of(text(2, 15, TAG), 0, 8), "vegetarian": truth, "notes": or_null(text(0, 1000))}
        self._new = record(needed, optional)
        replaced = {**needed, "servings": whole(0, 50)} if fault == "servings-zero" else needed
        self._replacement = record(replaced, optional)
        self._change = record({}, {**needed, **optional}, least=1)

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/recipes": {"GET": self._list, "POST": self._create},
            "/recipes/{id}": {
                "GET": self._read,
                "PUT": self._replace,
                "PATCH": self._patch,
                "DELETE": self._delete,
            },
            "/recipes/{id}/scaled": {"GET": self._scaled},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        problem = {"type": f"/problems/{refused.code}", "title": refused.message, "status": refused.status}
        return Answer(refused.status, problem, refused.headers, "application/problem+json")

    def finished(self, request: Request, answer: Answer) -> Answer:  # noqa: ARG002 - the path does not matter
        if self.fault == "no-allow" and answer.status == 405:
            return Answer(405, answer.body, {}, answer.media)
        return answer

    def _found(self, request: Request) -> dict[str, Any]:
        recipe = self._recipes.get(numbered(request.path["id"]))
        if recipe is None:
            raise RefusedError(404, "not_found", "There is no such recipe.")
        return recipe

    def _list(self, request: Request) -> Answer:
        asked = self.query(
            request,
            q=(text(1, 50), None),
            tag=(text(2, 15, TAG), None),
            vegetarian=(yes_or_no, None),
            sort=(one_of("id", "name", "minutes", "-minutes"), "id"),
            limit=(digits(1, 50), 10),
            offset=(digits(0, 100_000), 0),
        )
        found = list(self._recipes.values())
        if asked["q"] is not None:
            wanted = asked["q"] if self.fault == "search-crashes" else re.escape(asked["q"])
            found = [recipe for recipe in found if re.search(wanted, recipe["name"])]
            if self.fault == "search-crashes":
                re.compile(wanted)
        if asked["tag"] is not None:
            found = [recipe for recipe in found if asked["tag"] in recipe["tags"]]
        if asked["vegetarian"] or (asked["vegetarian"] is False and self.fault != "not-vegetarian-ignored"):
            found = [recipe for recipe in found if recipe["vegetarian"] is asked["vegetarian"]]
        member = asked["sort"].removeprefix("-")

        def order(recipe: dict[str, Any]) -> tuple[Any, int]:
            value = recipe[member]
            return str(value) if self.fault == "minutes-as-text" and member == "minutes" else value, recipe["id"]

        found.sort(key=order, reverse=asked["sort"].startswith("-"))
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return Answer(200, {"recipes": page, "total": len(found)})

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        if "ingredients" in given:
            given["ingredients"] = [{"unit": None, **ingredient} for ingredient in given["ingredients"]]
            if self.fault == "amount-rounded":
                for ingredient in given["ingredients"]:
                    ingredient["amount"] = round(ingredient["amount"], 1)
        if self.fault == "steps-only-once" and "steps" in given:
            given["steps"] = list(dict.fromkeys(given["steps"]))
        return given

    def _create(self, request: Request) -> Answer:
        given = self._kept(self.body(request, self._new))
        recipe = {"id": self.next_number(), **DEFAULTS, **given}
        self._recipes[recipe["id"]] = recipe
        return Answer(201, recipe, {"Location": f"/recipes/{recipe['id']}"})

    def _read(self, request: Request) -> Answer:
        return Answer(200, self._found(request))

    def _replace(self, request: Request) -> Answer:
        recipe = self._found(request)
        given = self._kept(self.body(request, self._replacement))
        recipe.update(given if self.fault == "put-keeps-the-rest" else {**DEFAULTS, **given})
        told = {**recipe, "vegetarian": int(recipe["vegetarian"])} if self.fault == "truth-as-number" else recipe
        return Answer(200, told)

    def _patch(self, request: Request) -> Answer:
        recipe = self._found(request)
        given = self._kept(self.body(request, self._change))
        if self.fault == "null-notes-crash" and "notes" in given:
            given["notes"].strip()
        recipe.update(given)
        return Answer(200, recipe)

    def _delete(self, request: Request) -> Answer:
        recipe = self._found(request)
        del self._recipes[max(self._recipes) if self.fault == "newest-deleted" else recipe["id"]]
        return Answer(204)

    def _scaled(self, request: Request) -> Answer:
        recipe = self._found(request)
        asked = self.query(request, servings=(digits(1, 50), recipe["servings"]))
        factor = asked["servings"] / recipe["servings"] if recipe["servings"] else 1
        scaled = [{**ingredient, "amount": ingredient["amount"] * factor} for ingredient in recipe["ingredients"]]
        return Answer(200, {"id": recipe["id"], "servings": asked["servings"], "ingredients": scaled})


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Recipes(fault, keys)
