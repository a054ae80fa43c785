"""What a value breaks: the proof that a case of the walk does what it says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema_rs import ValidationErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import jsonschema_rs

    from conformance.generation.constraints import Constraint


def breaks_only(validator: jsonschema_rs.Draft202012Validator, value: object, constraint: Constraint) -> bool:
    """
    Whether a value breaks a constraint of the validator's schema and no other one.

    Of alternatives (`anyOf`, `oneOf`) it counts what the value breaks in the constraint's own: the others are broken
    anyhow, as no value is meant to fit several.
    """
    return _are(validator.iter_errors(value), constraint)


def _are(errors: Iterable[Any], constraint: Constraint) -> bool:
    """Whether there are errors, and all say that this constraint is broken."""
    found = list(errors)
    return bool(found) and all(_is(error, constraint) for error in found)


def _is(error: Any, constraint: Constraint) -> bool:  # noqa: ANN401 - an error, or one of an alternative, without a type
    path = tuple(error.evaluation_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.PropertyNames):
        return path[: len(constraint.path)] == constraint.path
    if path == constraint.path:
        return not isinstance(kind, ValidationErrorKind.Required) or kind.property == _wanted(constraint)
    if isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        branch = constraint.path[len(path)] if constraint.path[: len(path)] == path else None
        return isinstance(branch, int) and _are(kind.context[branch], constraint)
    return False


def _wanted(constraint: Constraint) -> str:
    return str(constraint.demand[1]) if constraint.keyword == "dependentRequired" else constraint.detail
