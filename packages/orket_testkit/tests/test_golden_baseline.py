"""What the baseline tools do, written down from its description and never taken from a run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from orket.core import CallContext, ToolRuntimeExecutor, Workspace
from orket.testkit.laws.clock import at
from orket.testkit.parity.observations import Seen
from orket.testkit.parity.scenes import Call, Scene
from orket.testkit.parity.worlds import Cast, play
from orket.testkit.toolsets import baseline

FILES = {
    "notes.txt": "one\ntwo\n",
    "docs/guide.md": "# Guide\n",
    "runs/s1/log.txt": "log",
    "tiny.gif": "GIF89a",
}
NEW = Call("create_issue", {"seat": "coder", "summary": "Mend the fence"}, "issue")


def seen(*calls: Call, painter: bool = False) -> list[Seen]:
    scene = Scene(calls, FILES, painter=painter)
    (observation,) = play(
        scene, lambda: Cast({made.name: made for made in baseline()}, ToolRuntimeExecutor().runner)
    )
    assert (observation.ended, observation.leaks) == ("", ())
    assert not any(one.strays for one in observation.seen)
    return list(observation.seen)


def of_issue(tool: str, *roles: str, **arguments: object) -> Call:
    return Call(tool, arguments, roles=roles, extra={"issue_id": "{issue.issue_id}"})


def moved(*steps: tuple[str, str]) -> list[str]:
    """The statuses of the results of moving an issue, each by a role."""
    moves = [of_issue("update_issue_status", role, status=status) for status, role in steps]
    return [one.status for one in seen(NEW, *moves)[1:]]


def data(one: Seen) -> Mapping[str, Any]:
    """The result of a call that gives an object."""
    given: Any = one.data
    assert isinstance(given, dict)
    return cast("Mapping[str, Any]", given)


def ledger(one: Seen) -> list[dict[str, object]]:
    ((table, changes),) = [each for each in one.rows.items() if each[0].endswith(": ledger")]
    assert table
    assert "-" not in changes
    return [json.loads(row) for row in changes["+"]]


@pytest.mark.parametrize(
    ("call", "given"),
    [
        (Call("read_file", {"path": "notes.txt"}), {"content": "one\ntwo\n"}),
        (Call("read_file", {"path": "docs/guide.md"}), {"content": "# Guide\n"}),
        (Call("list_directory"), {"items": ["docs", "notes.txt", "runs", "tiny.gif"]}),
        (Call("list_directory", {"path": "docs"}), {"items": ["guide.md"]}),
    ],
    ids=["read_file", "read_file in a folder", "list_directory", "list_directory of a folder"],
)
def test_reading_gives_and_changes_nothing(call: Call, given: object) -> None:
    assert seen(call) == [Seen(call.tool, "ok", given, strays=[])]


@pytest.mark.parametrize(
    ("path", "content", "text"),
    [
        ("new.txt", "hello", "hello"),
        ("new.json", {"b": [1, 2.5], "a": "ü"}, '{\n  "b": [\n    1,\n    2.5\n  ],\n  "a": "ü"\n}'),
        ("notes.txt", "", ""),
    ],
    ids=["text", "other JSON, indented by 2", "over a file"],
)
def test_write_file_writes_and_gives_the_path(path: str, content: object, text: str) -> None:
    (one,) = seen(Call("write_file", {"path": path, "content": content}))

    assert (one.status, one.data) == ("ok", {"path": path})
    assert one.files == {f"workspace/{path}": f"file 0644 {json.dumps(text, ensure_ascii=False)}"}


def test_write_file_makes_missing_parents() -> None:
    (one,) = seen(Call("write_file", {"path": "a/b/c.txt", "content": "x"}))

    assert list(one.files) == ["workspace/a", "workspace/a/b", "workspace/a/b/c.txt"]


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", ""])
@pytest.mark.parametrize("tool", ["read_file", "write_file"])
def test_files_outside_the_workspace_are_refused(tool: str, path: str) -> None:
    arguments = {"path": path} if tool == "read_file" else {"path": path, "content": "x"}
    (one,) = seen(Call(tool, arguments))

    assert (one.status, one.files) == ("failed", {})


def test_write_file_without_content_writes_nothing() -> None:
    missing, null = seen(
        Call("write_file", {"path": "new.txt"}), Call("write_file", {"path": "new.txt", "content": None})
    )

    assert [(one.status, one.files) for one in (missing, null)] == [("invalid-arguments", {})] * 2


def test_image_analyze_really_looks() -> None:
    gif, text = seen(
        Call("image_analyze", {"path": "tiny.gif"}), Call("image_analyze", {"path": "notes.txt"})
    )

    assert gif.status == "ok"
    assert data(gif)["format"] == "gif"
    assert text.status == "failed"


def test_image_generate_needs_a_generator_and_says_so() -> None:
    (without,) = seen(Call("image_generate", {"prompt": "a fence"}))
    (painted,) = seen(Call("image_generate", {"prompt": "a fence"}), painter=True)

    assert without.status == "failed"
    assert "generator" in without.error
    assert (painted.status, painted.data) == ("ok", {"path": "generated.png"})
    assert list(painted.files) == ["workspace/generated.png"]


def test_a_new_issue_is_ready_and_has_the_defaults() -> None:
    (one,) = seen(NEW._replace(session_id="s1"))

    assert one.data == {"issue_id": "issue-<id-1>"}
    row = json.loads(one.rows["workspace/cards.sqlite: cards"]["+"][0])
    assert (row["id"], row["type"], row["priority"], row["status"]) == (
        "issue-<id-1>",
        "issue",
        "Medium",
        "ready",
    )
    assert row["session"] == "s1"


def test_two_issues_never_share_an_id() -> None:
    assert [one.data for one in seen(NEW, NEW)] == [
        {"issue_id": "issue-<id-1>"},
        {"issue_id": "issue-<id-2>"},
    ]


@pytest.mark.parametrize(
    ("steps", "statuses"),
    [
        ([("in_progress", ""), ("code_review", ""), ("done", "integrity_guard")], ["ok", "ok", "ok"]),
        ([("in_progress", ""), ("code_review", ""), ("done", "coder")], ["ok", "ok", "failed"]),
        ([("in_progress", ""), ("ready_for_testing", ""), ("in_progress", "")], ["ok", "ok", "ok"]),
        ([("IN_PROGRESS", ""), ("Code_Review", "")], ["ok", "ok"]),
        ([("canceled", ""), ("ready", "")], ["ok", "failed"]),
        ([("done", "integrity_guard")], ["failed"]),
        ([("nonsense", "")], ["failed"]),
        ([("in_progress", ""), ("blocked", "")], ["ok", "failed"]),
    ],
    ids=[
        "to done",
        "done needs the guard",
        "tested",
        "any case",
        "final",
        "no edge",
        "no status",
        "no reason",
    ],
)
def test_an_issue_moves_along_its_edges_only(steps: list[tuple[str, str]], statuses: list[str]) -> None:
    assert moved(*steps) == statuses


@pytest.mark.parametrize("reason", ["resource", "dependency", "review", "input", "system"])
def test_a_blocked_issue_stores_its_reason(reason: str) -> None:
    *_, blocked = seen(
        NEW,
        of_issue("update_issue_status", status="in_progress"),
        of_issue("update_issue_status", status="blocked", wait_reason=reason),
    )

    row = json.loads(blocked.rows["workspace/cards.sqlite: cards"]["+"][0])
    assert (row["status"], row["wait_reason"]) == ("blocked", reason)
    assert len(ledger(blocked)) == 1


def test_a_status_that_is_refused_leaves_no_row() -> None:
    _, refused = seen(NEW, of_issue("update_issue_status", status="done"))

    assert refused.rows == {}


def test_comments_are_told_by_get_issue_context() -> None:
    *_, commented, told = seen(
        NEW, of_issue("add_issue_comment", "reviewer", comment="looks good"), of_issue("get_issue_context")
    )

    assert (commented.status, list(ledger(commented)[0])) == ("ok", ["card", "kind", "text"])
    assert (data(told)["status"], data(told)["summary"]) == ("ready", "Mend the fence")
    (comment,) = data(told)["comments"]
    assert "looks good" in comment


@pytest.mark.parametrize(("amount", "status"), [(2.5, "ok"), (3, "ok"), (0, "failed"), (-1, "failed")])
def test_credits_are_above_zero_and_on_the_ledger(amount: float, status: str) -> None:
    _, one = seen(NEW, of_issue("report_credits", amount=amount))

    assert one.status == status
    assert bool(one.rows) == (status == "ok")


@pytest.mark.parametrize("tool", ["request_excuse", "nominate_card", "refinement_proposal"])
def test_excuses_nominations_and_refinements_are_recorded(tool: str) -> None:
    _, one = seen(NEW, of_issue(tool, "coder"))

    assert one.status == "ok"
    assert list(data(one)) == ["message"]
    assert len(ledger(one)) == 1


@pytest.mark.parametrize("tool", ["get_issue_context", "request_excuse"])
def test_a_call_that_needs_an_issue_fails_without_one(tool: str) -> None:
    assert [one.status for one in seen(Call(tool), Call(tool, extra={"issue_id": "issue-none"}))] == [
        "failed"
    ] * 2


def test_archive_eval_gives_two_archives_of_a_day_the_same_time(tmp_path: Path) -> None:
    tmp_path.joinpath("runs/s1").mkdir(parents=True)
    tmp_path.joinpath("runs/s1/log.txt").write_text("log")
    archive = baseline()["archive_eval"]

    with Workspace(tmp_path) as files:
        context = CallContext(files=files)
        for moment in ("2030-01-02T03:04:05Z", "2030-01-02T03:04:06Z"):
            with at(moment):
                archive(session_id="s1", ctx=context)

    assert os.listdir(tmp_path / "evals") == ["20300102T000000_trial"]


def test_archive_eval_copies_a_run() -> None:
    (one,) = seen(Call("archive_eval", {"session_id": "s1"}))

    assert (one.status, one.data) == ("ok", {"path": "evals/<time-1>_trial"})
    assert one.files["workspace/evals/<time-1>_trial/log.txt"] == 'file 0644 "log"'


def test_promote_prompt_writes_the_prompt_of_a_seat() -> None:
    (one,) = seen(Call("promote_prompt", {"seat": "coder", "content": "Be brief."}))

    assert (one.status, one.data) == ("ok", {"path": "prompts/coder/qwen.txt"})
    assert one.files["workspace/prompts/coder/qwen.txt"] == 'file 0644 "Be brief."'


@pytest.mark.parametrize(
    "call",
    [
        Call("promote_prompt", {"seat": "..", "content": "x"}),
        Call("promote_prompt", {"seat": "coder", "content": "x", "model_family": "../../x"}),
        Call("archive_eval", {"session_id": "../runs/s1"}),
        Call("archive_eval", {"session_id": "s1", "label": "../../x"}),
    ],
    ids=["seat", "family", "session", "label"],
)
def test_prompts_and_archives_stay_in_their_folders(call: Call) -> None:
    (one,) = seen(call)

    assert (one.status, one.files) == ("failed", {})
