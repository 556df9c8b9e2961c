"""The one module that prints: facts to standard output, as text or as JSON, and everything else to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from orket.core.errors import Diagnostic

__all__ = ["Screen"]


class Screen:
    """Where a command's words go."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        """Whether standard output is for a program."""

    def facts(self, plain: object) -> None:
        """Print JSON; in ASCII, so that no locale can spoil it."""
        import json

        _write(sys.stdout, json.dumps(plain, indent=2))

    def line(self, text: str = "") -> None:
        """Print a line of text."""
        _write(sys.stdout, _visible(text))

    def content(self, text: str) -> None:
        """Print a tool's own text as it is."""
        _write(sys.stdout, text.removesuffix("\n"))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Print rows with their columns aligned; the last column is as long as it likes."""
        rows = [[_visible(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            _write(sys.stdout, "  ".join(cells).rstrip())

    def finding(self, diagnostic: Diagnostic, level: str) -> None:
        """Print a finding that is itself a fact that was asked for."""
        self.line(diagnostic.render(level))

    def note(self, text: str) -> None:
        """Say something beside the facts, to a person alone."""
        if not self.json:
            _write(sys.stderr, _visible(f"note: {text}"))

    def progress(self, text: str = "") -> None:
        """Say to whoever watches a terminal what is going on, in a line that the next replaces."""
        if not self.json and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{_visible(text)}")
            sys.stderr.flush()

    def warn(self, text: str) -> None:
        """Say loudly that something is not as it should be, whoever reads the facts."""
        _write(sys.stderr, _visible(text))

    def error(self, diagnostic: Diagnostic) -> None:
        """Say why there are no facts: to a program on standard output, to a person beside it."""
        if self.json:
            self.facts({"error": diagnostic.as_dict()})
        else:
            self.warn(diagnostic.render())


def _visible(text: str) -> str:
    """``text`` with what would steer a terminal written out: strangers' metadata and descriptions are shown."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
