"""``orket call --record``: what a person does today is played tomorrow."""

from __future__ import annotations

import json
import os
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from orket.cli import main

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = {"orket-tools", "orket-strategy-read-only"}
INSTALLED = {str(each.name) for each in distributions()}

pytestmark = pytest.mark.skipif(
    not INSTALLED >= NEEDED, reason="there is nothing to call without what the distribution 'orket' brings"
)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ORKET_")]:
        monkeypatch.delenv(name)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def call(*words: str) -> int:
    return main(["call", "--record=../day.jsonl", *words])


def test_calls_are_appended_with_how_they_ended(tmp_path: Path) -> None:
    assert call("write_file", "path=a", "content=b", "--role=coder", "--session=s") == 0
    assert call("read_file", "path=none") == 1

    lines = [json.loads(line) for line in (tmp_path / "day.jsonl").read_text().splitlines()]
    assert [line["role"] for line in lines] == ["assistant", "tool", "assistant", "tool"]
    assert [line["orket"]["status"] for line in lines[1::2]] == ["ok", "failed"]
    assert (lines[0]["orket"]["session_id"], lines[0]["orket"]["roles"]) == ("s", ["coder"])


def test_a_record_that_cannot_be_written_stops_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", "write_file", "path=a", "content=b", "--record=none/day.jsonl", "--json"]) == 2

    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"] == "The recording cannot be written: No such file or directory."
    assert os.listdir(tmp_path / "work") == []


def test_a_recorded_day_is_played_under_another_node_and_shows_the_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("write_file", "path=a", "content=b") == 0
    assert call("list_directory") == 0
    (tmp_path / "work/orket.toml").write_text('[gate]\nmode = "warn"\n')
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "read-only")
    monkeypatch.setenv("COLUMNS", "80")
    capsys.readouterr()

    assert main(["demo", "--session=../day.jsonl", "--workspace=."]) == 0

    printed = capsys.readouterr()
    assert printed.err == ""
    assert (
        "   1  refused  write_file path=a content=b, was ok\n"
        "               not-offered: read-only strategy: it may do more than read\n"
        "   2  ok       list_directory\n"
        "\n"
        "on disk   nothing changed\n"
        "recorded  1 of 2 calls end otherwise than at the time\n"
    ) in printed.out
    assert "warning   no tool groups are chosen, so 'files' is used\n" in printed.out
