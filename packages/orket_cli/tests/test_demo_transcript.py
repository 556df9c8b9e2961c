"""How a play reads: on a terminal, in a pipe, in any encoding."""

from __future__ import annotations

import re
import sys
from io import BytesIO, TextIOWrapper
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from orket.cli.demo.player import Answer, Offer, Play, Step
from orket.cli.demo.scratch import Change
from orket.cli.demo.transcript import Transcript
from orket.core import TOOL_RUNNER, TOOL_STRATEGY, Settings, discover, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

OFFER = Offer(("look",), (("put", "'put' is absent: it is for cooks"),))
OK = Answer("look", '{"at": "sea"}', "ok", "", None)
LONG = "a reason that is long enough to go on in the next line, where it begins below where it began"


def play(
    *steps: Step,
    changed: tuple[Change, ...] = (),
    warnings: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
) -> Play:
    settings, catalog = Settings(environ=environ), discover()
    strategy, runner = (resolve(family, settings, catalog) for family in (TOOL_STRATEGY, TOOL_RUNNER))
    return Play(strategy, runner, "/scratch", steps, changed, warnings)


def step(*answers: Answer, said: str = "", offer: Offer = OFFER, event: str = "") -> Step:
    return Step(1, said, offer, answers, event)


@pytest.fixture(autouse=True)
def _a_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def drawn(monkeypatch: pytest.MonkeyPatch, shown: Play, *, width: int = 80, encoding: str = "utf-8") -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, encoding))
    Transcript().replay(shown, "s.jsonl", "here")
    sys.stdout.flush()
    return raw.getvalue().decode(encoding)


def test_words_say_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = play(
        step(
            OK,
            Answer(
                "put", '{"text": "a\\nb", "n": 1}', "not-offered", "'put' is absent: it is for cooks", "ok"
            ),
        ),
        step(Answer("look", "{", "failed", LONG, "failed"), event="runtime.restrict(…)"),
        step(Answer("look", "", "not-played", "its arguments are not there", "ok")),
        step(said="Done."),
        changed=(
            Change("a", "", "0123456789"),
            Change("b", "1234567890", ""),
            Change("c", "23456789ab", "3456789abc"),
        ),
        warnings=("something is odd",),
    )

    assert drawn(monkeypatch, shown) == dedent(
        """
        ── s.jsonl, on a copy of here ──────────────────────────────────────────────────
        strategy  default, of orket-core 0.1.0
        asked by  orket-core (default)
        warning   something is odd
        offered   look
        absent    put: it is for cooks

           1  ok       look at=sea
              refused  put text=(3 chars) n=1, was ok
                       not-offered: it is for cooks
              ── runtime.restrict(…)
           2  failed   look {
                       a reason that is long enough to go on in the next line, where it
                       begins below where it began
           3  skipped  look
                       its arguments are not there
           4  says     Done.

        on disk   new      a  01234567
                  gone     b  12345678
                  changed  c  23456789 → 3456789a
        recorded  1 of 2 calls end otherwise than at the time
        """
    )


def test_another_offer_is_shown_where_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch, play(step(OK), step(OK), step(OK, offer=Offer((), ()))))

    assert "   2  ok       look at=sea\n\noffered   nothing\n\n   3  ok       look at=sea\n" in text
    assert text.count("offered") == 2


def test_a_runner_that_somebody_chose_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch, play(step(OK), environ={"ORKET_TOOL_RUNNER_NODE": "inline"}))

    assert "runner    inline, of orket-core 0.1.0\nasked by  ORKET_TOOL_RUNNER_NODE (environment)\n" in text


@pytest.mark.parametrize("width", [40, 80, 160])
def test_lines_are_as_wide_as_the_terminal_and_no_wider_than_reads_well(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    lines = drawn(
        monkeypatch, play(step(Answer("look", "", "failed", LONG * 3, None))), width=width
    ).splitlines()

    assert max(map(len, lines)) == min(width, 110)


def test_a_pipe_gets_neither_colours_nor_trailing_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch, play(step(OK, Answer("look", "", "failed", LONG, "ok"))))

    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_colours_only_repeat_what_words_say(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = play(step(OK, Answer("look", "", "failed", LONG, "ok"), said="Done."))
    plain = drawn(monkeypatch, shown)
    monkeypatch.setenv("FORCE_COLOR", "1")

    coloured = drawn(monkeypatch, shown)

    assert "\x1b[32mok" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[32m" not in drawn(monkeypatch, play(step(OK)))


def test_an_encoding_without_arrows_gets_plain_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = play(
        step(Answer("look", '{"at": "łódź"}', "ok", "", None)),
        changed=(Change("c", "23456789ab", "3456789abc"),),
    )

    text = drawn(monkeypatch, shown, encoding="ascii")

    assert "-- s.jsonl, on a copy of here ---" in text
    assert "look at=\\u0142\\xf3d\\u017a\n" in text
    assert "c  23456789 -> 3456789a\n" in text


def test_foreign_text_does_not_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    rude = "\x1b[2J\x9b31m\u202e\ud800[red]"
    shown = play(
        step(Answer(rude, f'{{"at": "{rude}"', "failed", f"{rude}\nnext", None), said=rude),
        step(said=rude),
        changed=(Change(rude, "", "0123456789"),),
        warnings=(rude,),
    )

    text = drawn(monkeypatch, shown)

    assert set(text) & {"\x1b", "\x9b", "\u202e"} == set()
    assert text.count("\\x1b[2J\\x9b31m\\u202e\\ud800[red]") == 6
    assert "[red]\\nnext" in text
