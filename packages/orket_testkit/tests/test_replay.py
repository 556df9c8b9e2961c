"""A trace shows a divergence again from its file alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orket.testkit.checks import run_law
from orket.testkit.findings import Broken
from orket.testkit.parity.calls import compare_strategy
from orket.testkit.parity.laws import LAWS
from orket.testkit.parity.scenes import Scene
from orket.testkit.subject import Plan
from orket.testkit.zoo.calls import CALLS
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from pathlib import Path

    from orket.testkit.subject import Subject


def subject(name: str) -> Subject:
    (entry,) = [entry for entry in CALLS if entry.name == name]
    return subject_of(entry)


def broken(name: str, plan: Plan) -> Broken:
    with pytest.raises(Broken) as raised:
        compare_strategy(subject(name), plan)
    return raised.value


def nothing_frozen(_tools: object) -> tuple[Scene, ...]:
    return ()


def test_a_kept_trace_finds_the_same_divergence(tmp_path: Path) -> None:
    first = broken("LeavesCopy", Plan(examples=1))
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(first.trace))

    again = broken("LeavesCopy", Plan(examples=0, replay=json.loads(file.read_text())))

    assert again.found == first.found
    assert again.trace == first.trace


def test_the_trace_of_a_generated_scene_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.testkit.parity.calls.scenes_with", nothing_frozen)
    first = broken("OtherType", Plan(examples=30))
    assert first.trace is not None
    assert first.trace["name"] == "generated"

    assert broken("OtherType", Plan(replay=first.trace)).found == first.found


def test_the_same_seed_draws_the_same_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.testkit.parity.calls.scenes_with", nothing_frozen)

    assert broken("OtherType", Plan(seed=7)).trace == broken("OtherType", Plan(seed=7)).trace


def test_a_replayed_node_that_was_mended_passes() -> None:
    trace = broken("OtherType", Plan(examples=1)).trace
    same = subject("OtherType")._replace(declared=subject("OtherType").declared._replace(provides=()))

    (law,) = [law for law in LAWS["tool_strategy"] if law.id == "parity-calls"]

    assert run_law(law, same, Plan(replay=trace)).status == "passed"
