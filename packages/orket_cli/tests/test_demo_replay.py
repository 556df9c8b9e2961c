"""A recording of one's own on a copy of one's own folder: ``orket demo --session FILE --workspace DIR``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from orket.cli import main
from orket.cli.demo.scratch import snapshot

SHOP = '''
from orket.core import CallContext, Effect, Toolset, tool

@tool(effects={Effect.WRITE})
def order(item: str, ctx: CallContext) -> str:
    """Order an item."""
    old = ctx.workspace.read_text("orders.txt")
    ctx.workspace.write_text("orders.txt", old + item + "\\n")
    return "ordered"

@tool(effects={Effect.READ})
def who(ctx: CallContext) -> str:
    """Fail with the roles."""
    raise LookupError(",".join(ctx.roles))

def make():
    return Toolset([order, who])

TOOLS = make()
NUMBER = 7

def broken():
    raise RuntimeError("no stock")
'''


@pytest.fixture(autouse=True)
def _own_variables_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ORKET_CONFIG", "ORKET_ALLOW_EFFECTS", "ORKET_TOOL_STRATEGY_NODE", "ORKET_TOOL_RUNNER_NODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module with tools."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "demo_shop.py").write_text(SHOP)
    monkeypatch.setattr(sys, "path", [str(modules), *sys.path])
    monkeypatch.delitem(sys.modules, "demo_shop", raising=False)
    return "demo_shop"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    (made / "orders.txt").write_text("tea\n")
    return made


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    lines = [
        {"role": "assistant", "tool_calls": [{"id": "1", "name": "order", "arguments": {"item": "cake"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "ordered", "orket": {"status": "ok"}},
        {"role": "assistant", "tool_calls": [{"id": "2", "name": "who"}], "orket": {"roles": ["cook"]}},
    ]
    path = tmp_path / "session.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def words(recording: Path, folder: Path, tools: str, *more: str) -> list[str]:
    return ["demo", f"--session={recording}", f"--workspace={folder}", f"--tools={tools}", *more]


def test_a_replay_shows_what_came_of_each_call(
    recording: Path,
    folder: Path,
    shop: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder.parent)

    assert main(words(Path("session.jsonl"), Path("folder"), f"{shop}:make")) == 0

    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == dedent(
        """
        ── session.jsonl, on a copy of folder ──────────────────────────────────────────
        strategy  default, of orket-core 0.1.0
        asked by  orket-core (default)
        offered   order, who

           1  ok       order item=cake
           2  failed   who
                       LookupError: cook

        on disk   changed  orders.txt  b49c876d → 44f378b5
        recorded  0 of 1 calls end otherwise than at the time
        """
    )


def test_the_original_is_never_touched(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(str(folder))

    assert main(words(recording, folder, f"{shop}:make", "--json")) == 0

    changed = json.loads(capsys.readouterr().out)["changed"]
    assert [change["path"] for change in changed] == ["orders.txt"]
    assert snapshot(str(folder)) == before


def test_the_folders_own_configuration_is_in_force(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "orket.toml").write_text('[limits]\nallow_effects = ["read"]\n')

    assert main(words(recording, folder, f"{shop}:make", "--json")) == 0

    (call,) = json.loads(capsys.readouterr().out)["steps"][0]["calls"]
    assert (call["status"], call["recorded"], call["differs"]) == ("forbidden-effect", "ok", True)


def test_the_environment_is_in_force(
    recording: Path,
    folder: Path,
    shop: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORKET_ALLOW_EFFECTS", "read")

    assert main(words(recording, folder, f"{shop}:make")) == 0

    shown = capsys.readouterr().out.splitlines()
    assert "   1  refused  order item=cake, was ok" in shown
    assert "on disk   nothing changed" in shown
    assert "recorded  1 of 1 calls end otherwise than at the time" in shown


def test_roles_can_be_exchanged(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(recording, folder, f"{shop}:make", "--role=chef", "--role=guest")) == 0

    assert "LookupError: chef,guest\n" in capsys.readouterr().out


def test_tools_may_be_a_toolset_itself(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(recording, folder, f"{shop}:TOOLS")) == 0

    assert "offered   order, who\n" in capsys.readouterr().out


def test_a_replay_without_statuses_says_that_nothing_is_compared(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text(recording.read_text().replace('"status"', '"state"'))

    assert main(words(recording, folder, f"{shop}:make")) == 0

    assert capsys.readouterr().out.endswith("recorded  nothing says how the calls ended at the time\n")


def test_arguments_that_were_left_out_are_not_played(
    recording: Path, folder: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text(recording.read_text().replace('"id": "1"', '"id": "1", "orket": {"omitted": true}'))

    assert main(words(recording, folder, f"{shop}:make")) == 0

    shown = capsys.readouterr().out
    assert "   1  skipped  order\n               the recording has left its arguments out\n" in shown
    assert "on disk   nothing changed\n" in shown


@pytest.mark.parametrize(
    ("attribute", "message", "found", "hint"),
    [
        (
            "missing",
            "The tools cannot be made.",
            "AttributeError: module 'demo_shop' has no attribute 'missing'",
            "is it",
        ),
        ("broken", "The tools cannot be made.", "RuntimeError: no stock", "is it"),
        ("NUMBER", "It gives a int, not a Toolset.", "", "return Toolset([…])"),
        ("", "It does not say where the tools are.", "", "write package.module:factory"),
    ],
)
def test_tools_that_cannot_be_used_are_explained(
    recording: Path,
    folder: Path,
    shop: str,
    capsys: pytest.CaptureFixture[str],
    attribute: str,
    message: str,
    found: str,
    hint: str,
) -> None:
    assert main(words(recording, folder, f"{shop}:{attribute}", "--json")) == 2

    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["message"], error["found"]) == ("invalid-tools", message, found)
    assert (error["asked_by"], error["looked_in"]) == ("--tools", f"demo_shop:{attribute}")
    assert error["hint"].startswith(hint)


def test_a_package_that_is_not_there_is_explained(
    recording: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(recording, folder, "no_such_shop:make")) == 2

    assert capsys.readouterr().err == (
        "error: invalid-tools\n"
        "  The tools cannot be made.\n"
        "  asked by:  --tools\n"
        "  looked in: no_such_shop:make\n"
        "  found:     ModuleNotFoundError: No module named 'no_such_shop'\n"
        "  hint:      is it installed? For a module of this folder, set PYTHONPATH=.\n"
    )


def test_a_folder_that_is_not_there_is_wrong_usage(
    recording: Path, tmp_path: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(recording, tmp_path / "none", f"{shop}:make")) == 2

    assert f"looked in: {tmp_path}/none\n" in capsys.readouterr().err


def test_a_malformed_recording_is_wrong_usage(
    folder: Path, recording: Path, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_text("{}\n")

    assert main(words(recording, folder, f"{shop}:make")) == 2

    assert f"looked in: {recording}:1\n" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--session=x", "--workspace=x", "--tools=x:y", "--role=x"])
def test_session_and_workspace_belong_together(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", option]) == 2

    assert capsys.readouterr().err == (
        "error: wrong-usage\n"
        "  --session and --workspace belong together.\n"
        "  asked by:  orket demo\n"
        "  hint:      give both, or neither to see the demo's own; --tools and --role go with them\n"
    )
