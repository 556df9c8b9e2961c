"""Whether the checks can fail: every zoo once more, for anyone who doubts. Needs no test framework."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from orket.core import FAMILIES, OrketError, Settings
from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.proof import FIRST, is_unsafe, subject_named
from orket.testkit.subject import Plan
from orket.testkit.zoo import calls, runners
from orket.testkit.zoo.calls import CALLS
from orket.testkit.zoo.changes import CHANGES, DECLARED
from orket.testkit.zoo.equivalents import EQUIVALENTS
from orket.testkit.zoo.gate import FAULTS, verdict_of
from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.runners import RUNNERS
from orket.testkit.zoo.subjects import subject_of
from orket.testkit.zoo.survivors import EXPLAINED, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Self

    from orket.testkit.zoo.subjects import Entry
    from orket.testkit.zoo.survivors import Judged

__all__ = ["ZOOS", "Group", "Report", "ablation", "self_test"]

_PLAN = Plan(examples=3)


class Group(NamedTuple):
    """One zoo, and how the checks did in it."""

    name: str
    size: int
    wrong: tuple[str, ...]
    """What the checks missed, or rejected for another reason than the one that holds; each in one line."""
    notes: tuple[str, ...] = ()


class Report(NamedTuple):
    """Every zoo."""

    groups: tuple[Group, ...]

    @property
    def passed(self) -> bool:
        """Whether each check rejects what it must, and nothing else."""
        return not any(group.wrong for group in self.groups)

    def as_dict(self) -> dict[str, object]:
        """The report as JSON says it."""
        return {"passed": self.passed, "zoos": [group._asdict() for group in self.groups]}

    def lines(self) -> Iterator[str]:
        """The report as a terminal shows it."""
        for group in self.groups:
            yield f"{group.name}: {group.size - len(group.wrong)} of {group.size} as they must be"
            yield from (f"  WRONG  {line}" for line in group.wrong)
            yield from (f"  {line}" for line in group.notes)
        yield (
            "every check can fail, and fails for its own reason"
            if self.passed
            else "THE CHECKS ARE NOT SOUND"
        )


def self_test(progress: Callable[[str], None] = lambda _: None) -> Report:
    """Show every broken node, record and change to the checks.

    Args:
        progress: told what is being looked at.
    """
    with _Bench() as bench:
        zoos = {name: bench.group(name, entries, progress) for name, entries in ZOOS.items()}
    broken = [entry for entries in ZOOS.values() for entry in entries if entry.rejected_by]
    return Report((*zoos.values(), ablation(broken), _gate(progress), *_generated(progress)))


ZOOS: Mapping[str, tuple[Entry, ...]] = {
    "broken strategies": MUTANTS,
    "odd strategies that are right": EQUIVALENTS,
    "strategies that replace tools badly": CALLS,
    "broken runners": RUNNERS,
    "strategies that replace tools well": calls.EQUIVALENTS,
    "odd runners that are right": runners.EQUIVALENTS,
    "changes declared badly": tuple(one.entry for one in CHANGES),
    "changes declared well": tuple(one.entry for one in DECLARED),
}
"""Nodes by what they have in common."""

_UNDECLARED = ("broken strategies", "odd strategies that are right")
"""These differ from the control and do not declare it, so that what they are about stands alone."""

_COMPARING = ("parity-offer", "parity-calls", "changes-hold")
"""The checks that would say so."""


def ablation(broken: Iterable[Entry]) -> Group:
    """Whether each required check has a node that no other check rejects, so that without it one would get through."""
    # Families share laws, and one node shows of a shared law that it is needed.
    needed = {
        law.check: f"{family.name}: {law.id}" for family in FAMILIES for law in laws_of(family.name).values()
    }
    shown = {laws_of(entry.family)[entry.rejected_by].check for entry in broken}
    idle = tuple(name for check, name in needed.items() if check not in shown)
    return Group("checks that are needed", len(needed), idle)


class _Bench:
    """Two processes to check in, and the threads that wait for them."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._free: SimpleQueue[Isolation] = SimpleQueue()
        for _ in range(2):
            self._free.put(self._stack.enter_context(Isolation()))
        self._pool = self._stack.enter_context(ThreadPoolExecutor(2))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def group(self, name: str, entries: Iterable[Entry], progress: Callable[[str], None]) -> Group:
        """Look at every entry of a zoo."""

        def look(entry: Entry) -> str | None:
            progress(f"{name}: {entry.name}")
            isolation = self._free.get()
            wrong = _wrong(entry, unseen, isolation)
            self._free.put(isolation)
            return wrong

        every = tuple(entries)
        unseen = _COMPARING if name in _UNDECLARED else ()
        return Group(name, len(every), tuple(filter(None, self._pool.map(look, every))))


def _wrong(entry: Entry, unseen: Collection[str], isolation: Isolation) -> str | None:
    """What is wrong with how the checks judge an entry; ``None`` where that is as it must be."""
    subject, rejecting = subject_of(entry), set[str]()
    laws = [law for law in laws_of(entry.family).values() if law.id not in unseen]
    for law in sorted(laws, key=lambda law: law.id != FIRST):
        finding = isolation.run(law, subject, entry.plan(law.id, _PLAN))
        if not finding.passed:
            rejecting.add(law.id)
        if law.id == FIRST and is_unsafe(finding):
            return (
                None if law.id == entry.rejected_by else f"{entry.name}: cannot be imported: {finding.found}"
            )
    expected = {entry.rejected_by} - {""}
    return None if rejecting == expected else f"{entry.name}: {_listed(rejecting)}, not {_listed(expected)}"


def _gate(progress: Callable[[str], None]) -> Group:
    wrong: list[str] = []
    for fault in FAULTS:
        progress(f"gate: {fault.name}")
        verdict, says = verdict_of(fault)
        if verdict != fault.verdict or not says.startswith(fault.says):
            wrong.append(f"{fault.name}: {verdict} {says}, not {fault.verdict} {fault.says}")
    return Group("wrong records", len(FAULTS), tuple(wrong))


def _generated(progress: Callable[[str], None]) -> Iterator[Group]:
    """The generated mutants of each node that is explained and installed."""
    for node, explained in EXPLAINED.items():
        try:
            subject, _ = subject_named(node, "tool_strategy", Settings())
        except OrketError:
            yield Group(f"mutants of {node}'s source", 0, (), ("not installed here",))
            continue
        every: list[Judged] = []
        for one in judged(subject, _PLAN):
            progress(f"mutants of {node}'s source: {one.mutant.name}")
            every.append(one)
        surviving = [one.mutant.name for one in every if not one.rejected_by]
        rate = f"{len(surviving)} of {len(every)} survive, {len(surviving) / len(every):.0%}"
        notes = (rate, *(f"{name}: {explained[name]}" for name in surviving if name in explained))
        wrong = tuple(f"survives: {name}" for name in surviving if name not in explained)
        yield Group(f"mutants of {node}'s source", len(every), wrong, notes)


def _listed(checks: set[str]) -> str:
    return f"rejected by {', '.join(sorted(checks))}" if checks else "accepted"
