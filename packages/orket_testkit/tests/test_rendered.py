"""A finding is told in words for people, and its trace is kept in a file that shows it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orket.core import ConfigError, NodeRef, Settings
from orket.testkit import Finding, Plan, Subject
from orket.testkit.render import rendered
from orket.testkit.traces import Trace, keep, read, show

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = Finding(
    "total",
    "failed",
    "Compose answers to any role.",
    "an answer",
    "compose raised KeyError: 'coder'",
    {"options": {}, "roles": ["coder"], "toolset": "one"},
)
SUBJECT = Subject(NodeRef("orket.tool_strategy", "reviewer", "acme:Reviewer", "acme", "1.0", ""))


def test_a_finding_says_the_law_what_it_expects_what_happened_and_how_to_see_it_again() -> None:
    assert rendered(BROKEN, "orket prove reviewer") == (
        "total: failed\n"
        "  law:       Compose answers to any role.\n"
        "  expected:  an answer\n"
        "  found:     compose raised KeyError: 'coder'\n"
        '  shown by:  {"options": {}, "roles": ["coder"], "toolset": "one"}\n'
        "  again:     orket prove reviewer"
    )


def test_what_says_nothing_is_left_out_and_further_lines_stand_below_the_first() -> None:
    finding = Finding("total", "error", found="control   candidate\nok        failed")

    assert (
        rendered(finding, "")
        == "total: error\n  found:     control   candidate\n             ok        failed"
    )


def test_a_long_circumstance_is_cut() -> None:
    (line,) = (
        line
        for line in rendered(BROKEN._replace(trace={"text": "x" * 10_000}), "").splitlines()
        if line.startswith("  shown by:")
    )

    assert len(line) < 700
    assert line.endswith("x…")


def test_a_trace_is_kept_in_a_file_that_says_all_that_is_needed(tmp_path: Path) -> None:
    file = keep(str(tmp_path), SUBJECT, BROKEN)

    assert file == str(tmp_path / "traces/tool_strategy.acme.reviewer.total.json")
    assert read(file) == Trace("tool_strategy", "acme:reviewer", "total", dict(BROKEN.trace or {}))


@pytest.mark.parametrize("trace", [None, {}, {"ended": "late"}])
def test_there_is_no_file_of_what_cannot_be_shown_again(
    trace: dict[str, object] | None, tmp_path: Path
) -> None:
    assert keep(str(tmp_path), SUBJECT, BROKEN._replace(trace=trace)) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file or directory"),
        ("{", "Expecting property name"),
        ("[]", "it holds a list, where a table belongs"),
        ('{"trace": 1}', "its 'trace' is 1, where a table belongs"),
        ('{"trace": {}, "family": "tool_strategy"}', "it has no key 'node'"),
    ],
)
def test_a_file_that_is_no_trace_is_refused(text: str | None, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ConfigError, match=reason) as refused:
        read(str(file))

    assert refused.value.diagnostic.looked_in == str(file)


def test_a_law_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="There is no law 'kindness'"):
        show(Trace("tool_strategy", "default", "kindness", {}), "default", Plan(), Settings())


def test_a_trace_is_shown_again_from_its_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    trace = Trace("tool_strategy", "orket-core:default", "total", dict(BROKEN.trace or {}))
    file.write_text(json.dumps(trace._asdict()))

    assert show(read(str(file)), "default", Plan(), Settings()).status == "passed"
