"""The law that compose is deterministic: here, again, at other times, and in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from orket.core import Toolset
from orket.testkit.findings import Broken
from orket.testkit.laws.clock import MOMENTS, at
from orket.testkit.laws.trials import Shown, difference, trials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orket.testkit.laws.trials import Trial
    from orket.testkit.subject import Plan, Subject

__all__ = ["deterministic"]

_BESIDE = 8
"""How many of the nearest trials are tried beside one whose answer depends on the order."""
_KEPT = ("LD_", "DYLD_", "PATH", "PYTHON", "TMP", "TEMP", "VIRTUAL_ENV")
"""What a process needs to start at all: beginnings of names of variables."""


class _World(NamedTuple):
    """What is different in a process, in words."""

    name: str
    seed: bool = False
    clock: bool = False
    environment: bool = False
    folder: bool = False
    order: bool = False


_ALL = _World("in a process with another hash seed, clock, environment, folder and order", *(True,) * 5)
_EACH = (
    _World("in another process"),
    _World("after other composes", order=True),
    _World("with another hash seed", seed=True),
    _World("at another time", clock=True),
    _World("with another environment", environment=True),
    _World("in another folder and another home", folder=True),
)


def deterministic(subject: Subject, plan: Plan) -> None:
    """The same toolset and context give the same answer, whatever else is different."""
    answers: list[tuple[Trial, list[Shown]]] = []
    for trial in trials(subject, plan, "baseline", "synthetic", "undeclared", application=True):
        first, later = MOMENTS
        with at(first):  # not now: the same plan finds the same at any time of day
            offered, again, kept = trial.compose(), trial.compose(), trial.make()
        if offered is None:
            continue
        shown = trial.show(offered)
        _same(trial, "another time", shown, again)
        with at(later):
            again, by_kept = trial.compose(), trial.compose(kept)
        _same(trial, f"at {later}", shown, again)
        _same(trial, f"at {later}, by a node made at {first}", shown, by_kept)
        answers.append((trial, shown))
    if not answers or answers[-1][0].late:
        return
    if (stray := _stray(answers, plan, _ALL)) is not None:
        found = ((world, each) for world in _EACH if (each := _stray(answers, plan, world)) is not None)
        world, (trial, told) = next(found, (_ALL, stray))
        trace = _in_order(trial, [one for one, _ in answers], plan) if world.order else trial.trace
        raise Broken(f"{world.name}, {told}", expected="the same answer", trace=trace)


def _same(trial: Trial, when: str, shown: list[Shown], again: object) -> None:
    told = difference(shown, trial.show(again)) if isinstance(again, Toolset) else "it gave no answer"
    if told:
        raise Broken(f"{when}, {told}", expected="the same answer", trace=trial.trace)


def _stray(
    answers: Sequence[tuple[Trial, list[Shown]]], plan: Plan, world: _World
) -> tuple[Trial, str] | None:
    """The first trial whose answer is another one in that world, and in what."""
    answers = answers[::-1] if world.order else answers
    given = _composed([trial for trial, _ in answers], plan, world)
    for (trial, shown), other in zip(answers, given, strict=True):
        told = "it gave no answer" if other is None else difference(shown, other)
        if told:
            return trial, told
    return None


def _in_order(trial: Trial, asked: Sequence[Trial], plan: Plan) -> dict[str, object] | None:
    """The trace with one other trial beside which it depends on their order; none where it takes more of them."""
    place = asked.index(trial)
    for beside in sorted(asked, key=lambda one: abs(asked.index(one) - place))[1 : 1 + _BESIDE]:
        pair = [one for one in asked if one in (trial, beside)]
        here, there = (_composed(some, plan, _EACH[0]) for some in (pair, pair[::-1]))
        if here != there[::-1]:
            return {**trial.trace, "after": beside.trace}
    return None


def _composed(asked: Sequence[Trial], plan: Plan, world: _World) -> list[list[Shown] | None]:
    """What the node offers in each trial, in a process of its own."""
    subject = asked[0].subject
    with tempfile.TemporaryDirectory(prefix="orket-elsewhere-") as folder:
        result = os.path.join(folder, "offers.json")
        request = {
            "subject": subject.plain(),
            "path": sys.path,
            "trials": [[trial.circumstance.as_dict(), trial.name] for trial in asked],
            "application": plan.toolset,
            "seconds": plan.seconds,
            "clock": MOMENTS[-1] if world.clock else None,
            "environment": world.environment,
            "result": result,
        }
        done = subprocess.run(
            [sys.executable, "-m", "orket.testkit.laws.elsewhere"],
            input=json.dumps(request),
            text=True,
            encoding="utf-8",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder if world.folder else None,
            env=_environment(world, folder),
            check=False,
        )
        if not os.path.exists(result):
            told = (done.stderr.strip() or "nothing").splitlines()[-1]
            raise Broken(f"{world.name}, the process ended with code {done.returncode}: {told}")
        with open(result, encoding="utf-8") as stream:
            offers: list[list[list[str]] | None] = json.load(stream)
    return [None if offer is None else [Shown(*tool) for tool in offer] for offer in offers]


def _environment(world: _World, folder: str) -> dict[str, str]:
    kept = dict(os.environ)
    if world.environment:
        kept = {name: value for name, value in kept.items() if name.startswith(_KEPT)}
        kept |= {"USER": "somebody", "LANG": "C.UTF-8", "TZ": "Pacific/Chatham"}
        kept["HOME"] = os.environ.get("HOME", folder)
    if world.folder:
        kept["HOME"] = folder
    seed = os.environ.get("PYTHONHASHSEED", "0")
    kept["PYTHONHASHSEED"] = "12345" if world.seed else seed
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return kept
