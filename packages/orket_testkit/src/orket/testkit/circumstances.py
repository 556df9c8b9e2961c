"""The circumstances a node is checked under: its own cases, the odd ones, and generated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orket.core import TurnContext
from orket.core.proving import contained, load_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from hypothesis.strategies import SearchStrategy

    from orket.testkit.subject import Plan, Subject

__all__ = ["ROLES", "Circumstance", "circumstances", "options_model"]

ROLES = ("coder", "reviewer", "architect", "integrity_guard")
"""Roles that agents commonly act in."""

_WITHOUT: Mapping[str, object] = {}
_CONTEXTS = (
    TurnContext(),
    TurnContext(session_id="session-1", roles=("no such role",)),
    TurnContext(
        session_id="session-1",
        roles=ROLES[:2],
        model="model-a",
        turn=7,
        extra={"issue_id": "issue-1", "tags": ["a"]},
    ),
)


class Circumstance(NamedTuple):
    """A node's options, and the turn that it composes for."""

    options: Mapping[str, object] = _WITHOUT
    context: TurnContext = _CONTEXTS[0]

    def as_dict(self) -> dict[str, object]:
        """Plain JSON, in the keys of a ``[[case]]``; what is as usual is left out."""
        context = self.context
        rest: dict[str, object] = {
            "model": context.model,
            "session_id": context.session_id,
            "turn": context.turn,
            "extra": dict(context.extra),
        }
        return {
            "options": dict(self.options),
            "roles": list(context.roles),
            **{key: value for key, value in rest.items() if value},
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """What ``as_dict`` gave, or a ``[[case]]``, or a witness; keys of other meaning are passed over.

        Raises:
            ValueError: a value is of the wrong type; it names the key.
        """
        options = _typed(given, "options", dict, cast("dict[str, object]", {}))
        roles = _typed(given, "roles", list, cast("list[object]", []))
        if not all(isinstance(role, str) for role in roles):
            raise ValueError(f"'roles' must be a list of texts, not {roles!r}")
        context = TurnContext(
            session_id=_typed(given, "session_id", str, None),
            roles=tuple(cast("list[str]", roles)),
            model=_typed(given, "model", str, None),
            turn=_typed(given, "turn", int, 0),
            extra=_typed(given, "extra", dict, cast("dict[str, object]", {})),
        )
        return cls(options, context)


def circumstances(subject: Subject, plan: Plan) -> tuple[Circumstance, ...]:
    """Every circumstance that ``subject`` is checked under, each one that it accepts the options of.

    First its cases; then the options of each case, and no options where it takes none or needs none, with no role, an
    unknown role and several roles; then ``plan.examples`` generated ones where it has options. With a trace to
    replay: the trace's alone, and the one that it says was composed for before. Nothing for a node that cannot be
    loaded.
    """
    if plan.replay is not None:
        before = cast("Mapping[str, object]", plan.replay.get("after"))
        return tuple(Circumstance.from_dict(one) for one in (before, plan.replay) if one)
    cases = list(_cases(subject))
    options: list[Mapping[str, object]] = [_WITHOUT]
    options += [case.options for case in cases if case.options not in options]
    frozen = [Circumstance(each, context) for each in options for context in _CONTEXTS]
    found = [*cases, *(one for one in frozen if one not in cases), *_generated(subject, plan)]
    accepted: list[tuple[Mapping[str, object], bool]] = []
    return tuple(one for one in found if _accepts(subject, one.options, accepted))


def options_model(subject: Subject) -> Any:  # noqa: ANN401 - whatever stands there, usually a pydantic model
    """The ``Options`` of the node's class, ``None`` where it has none or cannot be imported."""
    with contained():
        return getattr(load_object(subject.ref), "Options", None)
    return None


def _cases(subject: Subject) -> Iterator[Circumstance]:
    """The declared cases that can be read; the law ``cases-hold`` speaks of the others."""
    for case in subject.declared.cases:
        try:
            yield Circumstance.from_dict(case)
        except ValueError:
            continue


def _generated(subject: Subject, plan: Plan) -> list[Circumstance]:
    model = options_model(subject)
    with contained():
        schema: Mapping[str, object] = model.model_json_schema()
        from hypothesis import strategies as st

        from orket.testkit.baseline_tools import BASELINE
        from orket.testkit.values import examples, values

        words = (*ROLES, *(made.__name__ for made in BASELINE))
        drawn = st.builds(Circumstance, values(schema, words), _contexts(words))
        return examples(drawn, plan.examples, plan.seed)
    return []


def _contexts(words: tuple[str, ...]) -> SearchStrategy[TurnContext]:
    from hypothesis import strategies as st

    return st.builds(
        TurnContext,
        session_id=st.none() | st.just("session-1"),
        roles=st.lists(st.sampled_from(ROLES), max_size=2, unique=True).map(tuple),
        model=st.none() | st.just("model-a"),
        turn=st.integers(0, 9),
        extra=st.dictionaries(st.sampled_from(words), st.integers(0, 9), max_size=1),
    )


def _accepts(
    subject: Subject, options: Mapping[str, object], known: list[tuple[Mapping[str, object], bool]]
) -> bool:
    """Whether the node can be made with these options; ``known`` keeps the answers."""
    for before, answer in known:
        if before == options:
            return answer
    with contained() as guard:
        subject.make(options)
    known.append((options, guard.error is None))
    return guard.error is None


def _typed(given: Mapping[str, object], key: str, kind: type, default: Any) -> Any:  # noqa: ANN401 - checked here
    value = given.get(key, default)
    if value is not default and type(value) is not kind:
        raise ValueError(f"'{key}' must be a {kind.__name__}, not {value!r}")
    return value
