"""A divergence as plain text: the calls that show it, and both sides beside each other."""

from __future__ import annotations

import json
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING

from orket.testkit.parity.observations import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.testkit.parity.observations import Seen
    from orket.testkit.parity.scenes import Call, Scene

__all__ = ["side_by_side"]

_LABEL = 10
_LONG, _BEFORE = 600, 60
_COLUMN = 44


def side_by_side(scene: Scene, place: int, sides: tuple[Seen, Seen], titles: tuple[str, str]) -> str:
    """The calls up to the one at ``place``, and what was seen of it on each side; ``!`` marks what differs."""
    lines = [f"{number}. {_asked(call)}" for number, call in enumerate(scene.calls, 1)]
    where = f"call {place + 1}, {scene.calls[place].tool}" if place < len(scene.calls) else "the end"
    lines += [f"at {where}:", _row("", " ", *titles)]
    left, right = (dict(_facts(side)) for side in sides)
    for fact in dict.fromkeys([*left, *right]):
        one, other = left.get(fact, "-"), right.get(fact, "-")
        mark = " " if one == other else "!"
        one, other = _cut(one, other)
        columns = zip_longest(_folded(one), _folded(other), fillvalue="")
        for number, (first, second) in enumerate(columns):
            lines.append(_row("" if number else fact, " " if number else mark, first, second))
    return "\n".join(lines)


def _asked(call: Call) -> str:
    who = f" as {', '.join(call.roles)}" if call.roles else ""
    return f"{call.tool} {_shown(call.arguments)}{who}{' at the same time' if call.together else ''}"


def _facts(seen: Seen) -> Iterator[tuple[str, str]]:
    yield "status", seen.status
    yield from _given("data", seen.data)
    yield from _given("error", seen.error or None)
    yield from _given("arguments", seen.arguments)
    yield from _given("files", _lines(seen.files))
    rows = {f"{sign} {table}": rows for table, signs in seen.rows.items() for sign, rows in signs.items()}
    yield from _given("rows", _lines(rows))
    yield from _given("besides", list(seen.strays) or None)


def _given(name: str, value: object) -> Iterator[tuple[str, str]]:
    if not same(value, None):
        yield name, _shown(value)


def _lines(entries: Mapping[str, object]) -> str | None:
    return (
        "\n".join(f"{name}: {'gone' if entry is None else _shown(entry)}" for name, entry in entries.items())
        or None
    )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(*texts: str) -> list[str]:
    """Long texts from a little before the place where they part."""
    if max(map(len, texts)) <= _LONG:
        return list(texts)
    parting = next((place for place, pair in enumerate(zip(*texts, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, parting - _BEFORE)
    end = start + _LONG
    return [
        f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''} ({len(text):,} characters)"
        for text in texts
    ]


def _folded(text: str) -> list[str]:
    folded = [part for line in text.splitlines() for part in wrap(line, _COLUMN, drop_whitespace=False)]
    return folded or [""]


def _row(label: str, mark: str, left: str, right: str) -> str:
    return f"  {label:<{_LABEL}}{mark} {left:<{_COLUMN}}  {right}".rstrip()
