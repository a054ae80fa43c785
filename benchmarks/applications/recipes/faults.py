"""Twelve faults of the recipe book."""

from __future__ import annotations

from typing import Any

from applications.faults import ACCEPTS, ANSWER, CRASH, DELETION, HTTP, LISTS, STORED, Api, Faults

FAULTS = Faults()


def _body(**members: object) -> dict[str, Any]:
    ingredients = [{"name": "flour", "amount": 200}]
    return {"name": "Bread", "servings": 2, "minutes": 60, "ingredients": ingredients, "steps": ["Bake."], **members}


def _recipe(api: Api, **members: object) -> str:
    return f"/recipes/{api.made('/recipes', _body(**members))['id']}"


@FAULTS("search-crashes", CRASH, "GET /recipes")
def _(api: Api) -> bool:
    """A search for a bracket crashes the server."""
    return api("GET", "/recipes?q=(").status_code == 500


@FAULTS("null-notes-crash", CRASH, "PATCH /recipes/{id}")
def _(api: Api) -> bool:
    """Taking the notes away crashes the server."""
    return api("PATCH", _recipe(api), {"notes": None}).status_code == 500


@FAULTS("unknown-member-of-ingredient", ACCEPTS, "POST /recipes", "PUT /recipes/{id}", "PATCH /recipes/{id}")
def _(api: Api) -> bool:
    """A member that the document lacks is accepted in an ingredient."""
    ingredients = [{"name": "flour", "amount": 1, "brand": "any"}]
    return api("POST", "/recipes", _body(ingredients=ingredients)).status_code == 201


@FAULTS("servings-zero", ACCEPTS, "PUT /recipes/{id}")
def _(api: Api) -> bool:
    """A recipe can be replaced by one for nobody."""
    return api("PUT", _recipe(api), _body(servings=0)).status_code == 200


@FAULTS("truth-as-number", ANSWER, "PUT /recipes/{id}")
def _(api: Api) -> bool:
    """Replacing answers 0 or 1 for what is a boolean."""
    return not isinstance(api("PUT", _recipe(api), _body()).json()["vegetarian"], bool)


@FAULTS("no-allow", HTTP, "GET /recipes", "POST /recipes", "GET /recipes/{id}", "GET /recipes/{id}/scaled")
def _(api: Api) -> bool:
    """405 comes without Allow."""
    return "Allow" not in api("DELETE", "/recipes").headers


@FAULTS("amount-rounded", STORED, "POST /recipes", "PUT /recipes/{id}", "PATCH /recipes/{id}", "GET /recipes/{id}")
def _(api: Api) -> bool:
    """Amounts are rounded to one place."""
    recipe = _recipe(api, ingredients=[{"name": "salt", "amount": 0.25}])
    return bool(api.read(recipe)["ingredients"][0]["amount"] != 0.25)


@FAULTS("steps-only-once", STORED, "POST /recipes", "PUT /recipes/{id}", "PATCH /recipes/{id}", "GET /recipes/{id}")
def _(api: Api) -> bool:
    """A step that comes twice is stored once."""
    return len(api.read(_recipe(api, steps=["Stir.", "Wait.", "Stir."]))["steps"]) == 2


@FAULTS("put-keeps-the-rest", STORED, "PUT /recipes/{id}", "GET /recipes/{id}")
def _(api: Api) -> bool:
    """Replacing keeps the members that are not sent."""
    recipe = _recipe(api, notes="with love")
    api("PUT", recipe, _body())
    return bool(api.read(recipe)["notes"] == "with love")


@FAULTS("newest-deleted", DELETION, "DELETE /recipes/{id}", "GET /recipes/{id}")
def _(api: Api) -> bool:
    """Not the recipe that is named is deleted, but the newest."""
    first, second = _recipe(api), _recipe(api)
    api("DELETE", first)
    return api("GET", second).status_code == 404


@FAULTS("not-vegetarian-ignored", LISTS, "GET /recipes")
def _(api: Api) -> bool:
    """The filter for what is not vegetarian is ignored."""
    _recipe(api, vegetarian=True)
    return bool(api.read("/recipes?vegetarian=false")["recipes"])


@FAULTS("minutes-as-text", LISTS, "GET /recipes")
def _(api: Api) -> bool:
    """Minutes are sorted like texts."""
    _recipe(api, minutes=9)
    _recipe(api, minutes=10)
    return [recipe["minutes"] for recipe in api.read("/recipes?sort=minutes")["recipes"]] == [10, 9]
