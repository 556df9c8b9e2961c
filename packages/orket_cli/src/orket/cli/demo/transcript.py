"""Plays as people read them: words say everything, and colour only repeats it."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orket.cli.demo.player import Answer, Offer, Play, Step
    from orket.cli.demo.scratch import Change
    from orket.cli.demo.story import Act
    from orket.core import Resolution

__all__ = ["Transcript"]

_WIDEST = 110
_LABEL = 10
_REFUSED = frozenset(
    {
        "busy",
        "denied",
        "forbidden-effect",
        "invalid-arguments",
        "needs-approval",
        "not-offered",
        "unknown-tool",
    }
)
_STYLES = {"ok": "green", "refused": "magenta", "failed": "red", "skipped": "cyan", "says": "cyan"}


class Transcript:
    """Draws on standard output, as wide as it is and in the colours it has."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._width = min(self._console.width, _WIDEST)
        utf = self._console.encoding.startswith("utf")
        self._bar, self._arrow, self._cut = ("─", "→", "…") if utf else ("-", "->", "...")

    def act(self, number: int, act: Act) -> None:
        """One act of the demo."""
        self._heading(f"{number}  {act.title}")
        self._row(Text(), Text(act.about))
        self._console.print()
        for label, text in act.gate:
            self._labelled(label, text)
        self._chosen(next(iter(act.plays.values())))
        for name, play in act.plays.items():
            if act.shows == "offers":
                self._summary(name, play)
            else:
                self._calls(play, only_differences=act.shows == "differences")
                self._on_disk(play.changed)
        if act.tests:
            self._labelled("tests", f" {self._arrow} ".join(act.tests), style="bold")

    def replay(self, play: Play, session: str, workspace: str) -> None:
        """A recording of the user's own."""
        self._heading(f"{session}, on a copy of {workspace}")
        self._chosen(play)
        self._calls(play)
        self._on_disk(play.changed)
        differing = sum(answer.differs for answer in play.answers)
        compared = sum(answer.compared for answer in play.answers)
        if compared:
            self._labelled("recorded", f"{differing} of {compared} calls end otherwise than at the time")
        else:
            self._labelled("recorded", "nothing says how the calls ended at the time")

    def end(self, lines: Iterable[tuple[str, str]]) -> None:
        """What is left to say."""
        self._console.print(Text(self._bar * self._width, "dim"))
        for label, text in lines:
            self._labelled(label, text)

    def _heading(self, title: str) -> None:
        lead = Text.assemble((self._bar * 2 + " ", "dim"), (self._shown(title), "bold"))
        rest = max(2, self._width - lead.cell_len - 1)
        self._console.print()
        self._console.print(lead.append(" " + self._bar * rest, "dim"), no_wrap=True, crop=False)

    def _chosen(self, play: Play) -> None:
        self._node("strategy", play.strategy, play.folder)
        if play.runner.decided.source.kind != "default":
            self._node("runner", play.runner, play.folder)
        for warning in play.warnings:
            for line in warning.splitlines():
                self._labelled("warning", line, style="magenta")

    def _node(self, label: str, resolution: Resolution, folder: str) -> None:
        node = resolution.node
        chosen = "none" if node is None else f"{node.name}, of {node.distribution} {node.version}"
        self._labelled(label, chosen, style="bold")
        weaker = [str(asked.source) for asked in resolution.considered[1:] if asked.source.kind != "default"]
        over = f", over {', '.join(weaker)}" if weaker else ""
        self._labelled("asked by", f"{resolution.decided.source}{over}".replace(folder + os.sep, ""))

    def _offered(self, offer: Offer) -> None:
        self._labelled("offered", ", ".join(offer.names) or "nothing")
        for name, why in offer.absent:
            self._labelled("absent", f"{name}: {_without_name(why, name)}")

    def _calls(self, play: Play, *, only_differences: bool = False) -> None:
        offer: Offer | None = None
        silent = 0
        for number, step in enumerate(play.steps, 1):
            if step.offer != offer:
                if offer is not None:
                    self._console.print()
                offer = step.offer
                self._offered(offer)
                self._console.print()
            if step.event:
                self._row(Text(" " * 6), Text.assemble((f"{self._bar * 2} {step.event}", "bold")))
            if only_differences:
                silent += sum(not answer.differs for answer in step.answers)
            self._step(number, step, only_differences=only_differences)
        if silent:
            self._row(
                Text(" " * 6), Text.assemble((f"the other {silent} calls end as they were recorded", "dim"))
            )
        self._console.print()

    def _step(self, number: int, step: Step, *, only_differences: bool) -> None:
        lead = f"{number:>4}  "
        if step.said and not step.answers and not only_differences:
            self._verdict(lead, "says", Text(self._shown(step.said)))
        for answer in step.answers:
            if only_differences and not answer.differs:
                continue
            self._verdict(lead, _word(answer), self._call(answer))
            if answer.status != "ok":
                self._row(Text(" " * 15), Text(self._shown(_reason(answer))))
            lead = " " * 6

    def _verdict(self, lead: str, word: str, told: Text) -> None:
        self._row(Text.assemble((lead, "dim"), (f"{word:<7}", _STYLES[word]), "  "), told)

    def _call(self, answer: Answer) -> Text:
        was = f", was {answer.recorded}" if answer.differs else ""
        arguments = self._shown(self._arguments(answer.arguments))
        return Text.assemble(
            (self._shown(answer.tool), "bold"), f" {arguments}".rstrip(), (self._shown(was), "italic")
        )

    def _arguments(self, text: str) -> str:
        try:
            given: object = json.loads(text or "{}")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            return _short(text, 30, self._cut)
        return " ".join(f"{key}={_value(value)}" for key, value in cast("dict[str, object]", given).items())

    def _summary(self, name: str, play: Play) -> None:
        kinds = Counter(change.kind for change in play.changed)
        self._console.print()
        self._labelled(name, self._ends(play.answers), style="bold")
        self._offered(play.steps[0].offer)
        self._labelled(
            "on disk", ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds)) or "nothing changed"
        )

    def _ends(self, answers: Sequence[Answer]) -> str:
        counted = Counter(map(_word, answers))
        differing = sum(answer.differs for answer in answers)
        ends = ", ".join(f"{counted[word]} {word}" for word in _STYLES if counted[word])
        return f"{len(answers)} calls: {ends}; {f'{differing} end otherwise than' if differing else 'all as'} recorded"

    def _on_disk(self, changed: Sequence[Change]) -> None:
        if not changed:
            self._labelled("on disk", "nothing changed", style="bold")
        label = "on disk"
        for change in changed:
            digests = f" {self._arrow} ".join(
                digest[:8] for digest in (change.before, change.after) if digest
            )
            self._labelled(label, f"{change.kind:<7}  {change.path}  {digests}")
            label = ""

    def _labelled(self, label: str, text: str, style: str = "") -> None:
        lead = Text.assemble((f"{self._shown(label):<{_LABEL}}", "cyan"))
        self._row(lead, Text.assemble((self._shown(text), style)))

    def _row(self, lead: Text, body: Text) -> None:
        """A line that goes on below where it began; nothing is padded, so that a pipe gets no blanks."""
        room = max(self._width - lead.cell_len, 20)
        for line in body.wrap(self._console, room) or [Text()]:
            line.rstrip()
            self._console.print(lead + line, soft_wrap=True)
            lead = Text(" " * lead.cell_len)

    def _shown(self, text: str) -> str:
        """Strangers' text on one line: it must not steer the terminal, nor be more than its encoding can say."""
        plain = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
        )
        encoding = self._console.encoding
        return plain.encode(encoding, "backslashreplace").decode(encoding)


def _word(answer: Answer) -> str:
    if answer.status == "not-played":
        return "skipped"
    return "ok" if answer.status == "ok" else "refused" if answer.status in _REFUSED else "failed"


def _reason(answer: Answer) -> str:
    """Why, with the code where the word beside it does not say as much."""
    why = _without_name(answer.why, answer.tool)
    return why if answer.status in ("failed", "not-played") else f"{answer.status}: {why}"


def _without_name(why: str, name: str) -> str:
    return why.removeprefix(f"'{name}' is absent: ")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"({len(text):,} chars)" if "\n" in text or len(text) > 48 else text or '""'


def _short(text: str, most: int, cut: str) -> str:
    return text if len(text) <= most else text[:most] + cut
