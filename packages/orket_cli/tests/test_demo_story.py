"""The demo's story: what a newcomer sees in the first minute."""

from __future__ import annotations

import json
import os
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from orket.cli import main
from orket.cli.demo.story import PLAYED_WITH, SESSION, Act, acts
from orket.core import ResolutionError

if TYPE_CHECKING:
    from pathlib import Path

    from orket.cli.demo.player import Play

INSTALLED = {str(each.name) for each in distributions()}

pytestmark = pytest.mark.skipif(
    not INSTALLED.issuperset(PLAYED_WITH),
    reason="the story is played with what the distribution 'orket' brings",
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where proofs are kept from one demo to the next."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def story(cache: str) -> list[Act]:
    return list(acts({"XDG_CACHE_HOME": cache}))


@pytest.fixture(autouse=True)
def demo_before(story: list[Act], cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo was shown before, so that the next ones need not prove again."""
    monkeypatch.setenv("XDG_CACHE_HOME", cache)


def kinds(play: Play) -> dict[str, str]:
    return {change.path: change.kind for change in play.changed}


def test_a_session_has_about_twenty_messages_and_wrong_ones_among_them(story: list[Act]) -> None:
    play = story[0].plays[""]

    assert len(play.steps) == 20
    assert [(answer.tool, answer.status) for answer in play.answers if answer.status != "ok"] == [
        ("readfile", "unknown-tool"),
        ("read_file", "invalid-arguments"),
        ("read_file", "failed"),
        ("run_tests", "unknown-tool"),
        ("write_file", "invalid-arguments"),
        ("write_file", "failed"),
        ("read_file", "failed"),
    ]


def test_under_default_the_bug_is_fixed_and_the_projects_own_tests_pass(story: list[Act]) -> None:
    assert story[0].tests == ("python -m unittest: FAILED (failures=1)", "OK")
    assert kinds(story[0].plays[""]) == {"NEWS.md": "new", "PLAN.md": "new", "receipts/basket.py": "changed"}


def test_under_default_every_call_ends_as_it_was_recorded(story: list[Act]) -> None:
    assert all(answer.compared and not answer.differs for answer in story[0].plays[""].answers)


def test_under_default_the_configuration_cannot_be_edited_and_nothing_outside_be_read(
    story: list[Act],
) -> None:
    whys = {
        answer.why.partition(":")[0] for answer in story[0].plays[""].answers if answer.status == "failed"
    }

    assert "cannot write 'orket.toml'" in whys
    assert "'../receipts-old/basket.py' is outside the workspace; give a path inside it" in whys


def test_one_variable_takes_every_write_away_and_says_why(story: list[Act]) -> None:
    play = story[1].plays[""]

    assert story[1].title == "ORKET_TOOL_STRATEGY_NODE=read-only"
    assert play.steps[0].offer.names == ("read_file", "list_directory")
    writes = [answer for answer in play.answers if answer.tool == "write_file"]
    assert len(writes) == 6
    assert {(answer.status, answer.why) for answer in writes} == {
        ("not-offered", "'write_file' is absent: read-only strategy: it may do more than read")
    }
    assert play.changed == ()


def test_a_node_is_refused_then_proved_then_enabled(story: list[Act]) -> None:
    assert story[0].gate == ()
    for act, name in ((story[1], "read-only"), (story[2], "role")):
        assert act.gate == (
            ("gate", f"refused, gate-missing: Nothing proves that node '{name}' keeps its contract."),
            ("proof", f"orket prove {name}: 18 of 18 laws are kept"),
        )
        assert next(iter(act.plays.values())).warnings == ()


def test_a_proof_holds_for_the_next_demo_of_the_same_bytes(cache: str) -> None:
    again = list(acts({"XDG_CACHE_HOME": cache}))

    kept = ("proof", "kept from an earlier demo, and about exactly the bytes installed now")
    assert [act.gate[1:] for act in again] == [(), (kept,), (), ()]


def test_without_the_testkit_the_gate_only_warns(cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.cli.demo.proofs.can_prove", lambda: False)
    monkeypatch.setattr("orket.cli.demo.story.can_prove", lambda: False)

    second = list(acts({"XDG_CACHE_HOME": cache}))[1]

    assert second.gate == (
        ("gate", "only warns here: orket-testkit is not installed, so nothing can be proved"),
    )
    assert len(second.plays[""].warnings) == 1


def test_each_choice_is_by_another_source_and_says_over_which(story: list[Act]) -> None:
    sources = [
        [asked.source.kind for asked in next(iter(act.plays.values())).strategy.considered] for act in story
    ]

    assert sources == [
        ["file", "default"],
        ["environment", "file", "default"],
        ["rules", "file", "default"],
        ["file", "default"],
    ]


def test_two_roles_get_different_offers_from_one_table(story: list[Act]) -> None:
    reviewer, coder = story[2].plays["reviewer"], story[2].plays["coder"]

    assert {step.offer.names for step in reviewer.steps} == {("read_file", "list_directory")}
    assert {step.offer.names for step in coder.steps} == {("read_file", "write_file", "list_directory")}
    assert kinds(reviewer) == {}
    assert kinds(coder) == {"NEWS.md": "new", "PLAN.md": "new", "receipts/basket.py": "changed"}


def test_the_brake_stops_the_next_write_of_a_running_turn(story: list[Act]) -> None:
    play = story[3].plays[""]

    assert [(step.event, [(one.tool, one.status) for one in step.answers]) for step in play.steps] == [
        ("", [("write_file", "ok")]),
        ('runtime.restrict({"read"})', [("write_file", "forbidden-effect")]),
        ("", [("read_file", "ok")]),
    ]
    assert len({step.offer for step in play.steps}) == 1
    assert kinds(play) == {"PLAN.md": "new"}


def test_the_users_own_variables_do_not_change_the_story(story: list[Act]) -> None:
    theirs = {
        "ORKET_TOOL_STRATEGY_NODE": "role",
        "ORKET_ALLOW_EFFECTS": "none",
        "ORKET_CONFIG": "/nowhere/orket.toml",
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
    }

    played = [(play.steps, play.changed) for act in acts(theirs) for play in act.plays.values()]

    assert played == [(play.steps, play.changed) for act in story for play in act.plays.values()]


def test_the_users_runner_is_taken() -> None:
    first = next(acts({**os.environ, "ORKET_TOOL_RUNNER_NODE": "inline"}))

    assert str(first.plays[""].runner.decided.source) == "ORKET_TOOL_RUNNER_NODE (environment)"
    assert first.tests[1] == "OK"


def test_a_runner_that_cannot_be_used_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORKET_TOOL_RUNNER_NODE", "inlin")

    assert main(["demo"]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error: unknown-node\n  No node 'inlin' for family 'tool_runner'.\n" in printed.err
    assert "asked by:  ORKET_TOOL_RUNNER_NODE (environment)\n" in printed.err


def test_what_is_not_installed_is_named_before_anything_is_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("orket.cli.demo.story.PLAYED_WITH", ("orket-tools", "acme-nodes", "acme-tools"))

    assert main(["demo"]) == 2

    assert capsys.readouterr().err == (
        "error: not-installed\n"
        "  The demo is played with distributions that are not installed: acme-nodes, acme-tools.\n"
        "  asked by:  orket demo\n"
        "  hint:      install 'orket', which brings them; a recording of your own is played without\n"
    )


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(ResolutionError):
        list(acts({"ORKET_TOOL_RUNNER_NODE": "inlin"}))
    list(acts(os.environ))

    assert os.listdir(tmp_path) == []


def test_a_newcomer_reads_it_in_a_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main(["demo"]) == 0

    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert printed.err == ""
    assert len(lines) <= 120
    assert max(map(len, lines)) == 80
    assert [line.split("─")[2].strip() for line in lines if line.startswith("── ")] == [
        "1  default",
        "2  ORKET_TOOL_STRATEGY_NODE=read-only",
        "3  role",
        "4  the brake",
    ]
    assert "tests     python -m unittest: FAILED (failures=1) → OK" in lines
    assert lines.count("on disk   nothing changed") == 2


def test_a_program_gets_the_same_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--json"]) == 0

    facts = json.loads(capsys.readouterr().out)
    assert [act["title"] for act in facts] == [
        "default",
        "ORKET_TOOL_STRATEGY_NODE=read-only",
        "role",
        "the brake",
    ]
    assert facts[1]["plays"][""]["changed"] == []


def test_the_recording_is_made_of_chat_messages() -> None:
    lines = [json.loads(line) for line in SESSION.read_text(encoding="utf-8").splitlines()]

    assert {line["role"] for line in lines} == {"assistant", "tool"}
    assert sum(line["role"] == "assistant" for line in lines) == 20
