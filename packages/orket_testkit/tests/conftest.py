"""Checks in processes of their own: one warm process for each worker of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.subject import Plan
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orket.testkit.findings import Finding
    from orket.testkit.zoo.subjects import Entry

_PLAN = Plan(examples=5)
_FIRST = "import-quiet"


@pytest.fixture(scope="session")
def isolation() -> Iterator[Isolation]:
    with Isolation() as warm:
        yield warm


@pytest.fixture(scope="session")
def examined(isolation: Isolation) -> Callable[[Entry], tuple[Finding, ...]]:
    """What the laws say that an entry is shown to; where it cannot be imported well, the first one alone."""

    known: dict[str, tuple[Finding, ...]] = {}

    def examine(entry: Entry) -> tuple[Finding, ...]:
        if entry.value not in known:
            known[entry.value] = tuple(look(entry))
        return known[entry.value]

    def look(entry: Entry) -> Iterator[Finding]:
        laws, subject = laws_of(entry.family), subject_of(entry)
        first = isolation.run(laws[_FIRST], subject, entry.plan(_FIRST, _PLAN))
        yield first
        if first.trace is None or "ended" not in first.trace:
            rest = [law for law in entry.asked if law != _FIRST]
            yield from (isolation.run(laws[law], subject, entry.plan(law, _PLAN)) for law in rest)

    return examine
