"""The law that a bad option is refused with a reason, and a good one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from orket.core import ResolutionError
from orket.core.proving import contained
from orket.testkit.circumstances import options_model
from orket.testkit.findings import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.protocols import Validator

    from orket.testkit.subject import Plan, Subject

__all__ = ["options_checked"]

_REFUSED = "invalid-options"
_STRANGE: tuple[Any, ...] = ({"no such": {"key": None}}, [{"no such": ["item"]}], "no such text")
"""Values of each type. A type that reads another type's values leniently refuses at least one of them."""


def options_checked(subject: Subject, plan: Plan) -> None:
    """Ask the loader, which asks the node's own model."""
    for options, unfit in _tried(subject, plan):
        if unfit:
            _refuses(subject, options, unfit)
        elif code := _code(subject, options):
            raise Broken(
                f"options that its model allows end in {code}",
                expected=f"they are accepted, or refused as {_REFUSED} by the model itself",
                trace={"options": dict(options)},
            )
    for case in subject.declared.cases:
        declared = case.get("options", {})
        if isinstance(declared, dict) and _code(subject, cast("dict[str, object]", declared)) == _REFUSED:
            raise Broken("the options of a case are refused", expected="they are accepted", trace=case)


def _tried(subject: Subject, plan: Plan) -> Iterator[tuple[Mapping[str, object], str]]:
    """Options, and what about them has to be refused; nothing where they have to be accepted."""
    replayed = plan.replay or {}
    if "unfit" in replayed:
        yield cast("Mapping[str, object]", replayed["options"]), str(replayed["unfit"])
        return
    usable = _usable(subject, plan)
    if plan.replay is None:
        some: Mapping[str, object] = usable[0] if usable else {}
        yield {**some, "no-such-option": 1}, "an unknown key"
        for name, value in _unfit(subject):
            yield {**some, name: value}, f"{value!r} for '{name}'"
    for options in usable:
        yield options, ""


def _refuses(subject: Subject, options: Mapping[str, object], unfit: str) -> None:
    code = _code(subject, options)
    if code != _REFUSED:
        found = f"{unfit} is accepted" if not code else f"{unfit} ends in {code}"
        trace = {"options": dict(options), "unfit": unfit}
        raise Broken(found, expected=f"it is refused as {_REFUSED}", trace=trace)


def _code(subject: Subject, options: Mapping[str, object]) -> str:
    """The code of the refusal; empty where the options are accepted."""
    try:
        subject.make(options)
    except ResolutionError as error:
        return error.code
    return ""


def _usable(subject: Subject, plan: Plan) -> list[Mapping[str, object]]:
    """Options that the node's model allows: those of its cases, and generated ones; of a trace its own alone."""
    model = options_model(subject)
    if model is None:
        return []
    cases = subject.declared.cases if plan.replay is None else (plan.replay,)
    found = [case["options"] for case in cases if isinstance(case.get("options"), dict)]
    if plan.replay is None:
        with contained():
            from orket.testkit.values import examples, values

            found += examples(values(model.model_json_schema()), plan.examples, plan.seed)
    return [cast("dict[str, object]", options) for options in found if _allows(model, options)]


def _allows(model: Any, options: object) -> bool:  # noqa: ANN401 - a pydantic model, or what claims to be one
    with contained():
        model.model_validate(options)
        return True
    return False


def _unfit(subject: Subject) -> Iterator[tuple[str, object]]:
    """For each option, values that no reading of its type allows: neither its schema, nor text taken for numbers."""
    from jsonschema import Draft202012Validator

    schema: Mapping[str, Any] = {}
    with contained():
        schema = options_model(subject).model_json_schema()
    for name, part in schema.get("properties", {}).items():
        validator: Validator = Draft202012Validator({**part, "$defs": schema.get("$defs", {})})
        for value in _STRANGE:
            if any(validator.iter_errors(value)):  # pyright: ignore[reportUnknownMemberType]  # jsonschema's stubs
                yield name, value
