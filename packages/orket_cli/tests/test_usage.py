"""How the command is called, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from orket.cli import app, main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

COMMAND = (sys.executable, "-m", "orket.cli")


def test_version_is_that_of_the_distribution(orket: Callable[..., Ran]) -> None:
    ran = orket("--version")

    assert (ran.code, ran.out) == (0, f"orket {version('orket-cli')}\n")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_overview_names_every_command(orket: Callable[..., Ran], words: list[str]) -> None:
    ran = orket(*words)

    assert ran.code == 0
    for command in ("nodes", "explain", "tools", "call", "doctor"):
        assert f"\n  {command} " in ran.out


@pytest.mark.parametrize("command", ["nodes", "explain", "tools", "call", "doctor"])
def test_each_command_has_help_and_speaks_json(
    site: object, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])

    assert "--json" in capsys.readouterr().out


def test_unknown_command_proposes_the_right_one(orket: Callable[..., Ran]) -> None:
    ran = orket("explian")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: wrong-usage\n  There is no command 'explian'.\n  asked by:  orket\n")
    assert ran.err.endswith("  hint:      did you mean 'explain'?\n")


def test_option_before_the_command_is_explained(orket: Callable[..., Ran]) -> None:
    ran = orket("--json", "nodes")

    assert ran.code == 2
    assert ran.json["error"]["message"] == "'--json' stands where the command belongs."
    assert ran.json["error"]["hint"] == "write it after the command"


def test_an_option_that_there_is_not_is_not_asked_for_after_the_command(orket: Callable[..., Ran]) -> None:
    ran = orket("-V")

    assert ran.code == 2
    assert ran.err.startswith("error: wrong-usage\n  '-V' stands where the command belongs.\n")
    assert ran.err.endswith("  hint:      see 'orket --help'\n")


def test_arguments_of_a_tool_are_not_required(orket: Callable[..., Ran]) -> None:
    assert "\n  The following arguments are required: TOOL.\n" in orket("call").err


def test_wrong_words_are_told_with_the_usage(orket: Callable[..., Ran]) -> None:
    ran = orket("explain")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: wrong-usage\n"
        "  The following arguments are required: FAMILY.\n"
        "  asked by:  orket explain\n"
        "  hint:      usage: orket explain [-h] [--simulate KEY=VALUE] [--json] FAMILY\n"
    )


def test_wrong_words_are_json_when_json_was_asked_for(orket: Callable[..., Ran]) -> None:
    ran = orket("nodes", "--josn", "--json")

    assert (ran.code, ran.err) == (2, "")
    assert ran.json == {
        "error": {
            "code": "wrong-usage",
            "message": "Unrecognized arguments: --josn.",
            "asked_by": "orket nodes",
            "looked_in": "",
            "found": "",
            "hint": "usage: orket nodes [-h] [--json] [FAMILY]",
        }
    }


def test_after_two_hyphens_nothing_is_an_option(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "look", "--", "--json")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: wrong-usage\n  '--json' is no argument.\n")


def test_options_are_not_abbreviated(orket: Callable[..., Ran]) -> None:
    assert orket("nodes", "--js").code == 2


def test_broken_configuration_is_exit_2(orket: Callable[..., Ran], work: Path) -> None:
    (work / "orket.toml").write_text("[gate]\nmod = 1\n")

    ran = orket("nodes")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: invalid-config\n"
        "  There is no key 'gate.mod'.\n"
        f"  looked in: {work}/orket.toml\n"
        "  found:     mode, evidence, max_age_days, nodes\n"
        "  hint:      did you mean 'mode'?\n"
    )


def test_refusal_of_the_system_is_no_traceback(
    orket: Callable[..., Ran], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = work / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    ran = orket("nodes")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: system-error\n  The system refused something.\n  found:     [Errno 2] No such file or directory\n"
    )


def test_interrupt_ends_quietly(orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "run", interrupted)

    assert orket("nodes") == (130, "", "")


@pytest.mark.parametrize("words", [["nodes"], ["nodes", "--json"], ["--version"]])
def test_reader_that_goes_away_ends_it_quietly(work: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run([*COMMAND, *words], stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)

    assert (ran.returncode, ran.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_output_that_cannot_be_written_is_told(work: Path) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*COMMAND, "--version"], stdout=full, stderr=subprocess.PIPE, check=False)

    assert ran.returncode == 1
    assert ran.stderr == (b"error: cannot-write\n  The output cannot be written: No space left on device.\n")


def test_letters_that_the_terminal_does_not_have_are_written_out(work: Path) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    ran = subprocess.run([*COMMAND, "caf\xe9"], env=environ, capture_output=True, check=False)

    assert ran.returncode == 2
    assert b"There is no command 'caf\\xe9'." in ran.stderr
