"""Whatever a node does to the process that checks it gets a named finding, and the next check runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from orket.core import NodeRef
from orket.testkit import Plan, Subject
from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation

if TYPE_CHECKING:
    from pathlib import Path

NODE = """
import os, signal, sys, time
from orket.core import hookimpl

class Node:
    @hookimpl
    def compose(self, toolset, context):
        {what}
        return toolset
"""
TOTAL = laws_of("tool_strategy")["total"]


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return Subject(NodeRef("orket.tool_strategy", "node", "rude_node:Node", "acme", "1.0", ""))


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("os._exit(3)", "it ended the process with exit code 3"),
        ("os._exit(0)", "it ended the process with exit code 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "it ended the process by SIGKILL"),
        ("os.kill(os.getppid(), signal.SIGKILL)", "it ended the process that checks it"),
    ],
)
def test_ending_the_process_is_told_and_the_next_check_runs(
    what: str, found: str, subject: Subject, tmp_path: Path
) -> None:
    node = tmp_path / "rude_node.py"
    with Isolation() as isolation:
        node.write_text(NODE.format(what=what))
        rude = isolation.run(TOTAL, subject, Plan(examples=1))
        node.write_text(NODE.format(what="pass"))
        tame = isolation.run(TOTAL, subject, Plan(examples=1))

    assert (rude.status, rude.found) == ("failed", found)
    assert rude.expected == "the check ends, and the process goes on"
    assert tame.status == "passed"


def test_a_check_that_does_not_end_is_told_in_its_time(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "rude_node.py").write_text(
        NODE.format(what="signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); time.sleep(60)")
    )
    with Isolation() as isolation:
        finding = isolation.run(TOTAL, subject, Plan(examples=1, seconds=1.0))

    assert (finding.status, finding.found) == ("failed", "it did not end within 1 seconds")


def test_megabytes_of_output_neither_fill_memory_nor_reach_the_screen(
    subject: Subject, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rude_node.py").write_text(NODE.format(what="print('x' * 1_000_000)"))
    with Isolation() as isolation:
        isolation.run(TOTAL, subject, Plan(examples=1))

    assert capfd.readouterr() == ("", "")
