"""A finding in words for people: which law, what it expects, what happened, and how to see it again."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.testkit.findings import Finding

__all__ = ["rendered"]

_WIDTH = 11
_LONG = 600


def rendered(finding: Finding, again: str) -> str:
    """What a terminal or a test report shows of a law that is not kept.

    Args:
        finding: what was found.
        again: the command that shows it again.
    """
    lines = [f"{finding.check}: {finding.status}"]
    for label, text in (
        ("law:", finding.sentence),
        ("expected:", finding.expected),
        ("found:", finding.found),
        ("shown by:", _trace(finding.trace)),
        ("again:", again),
    ):
        if text:
            lines.append(f"  {label:<{_WIDTH}}" + indent(text, " " * (_WIDTH + 2)).lstrip())
    return "\n".join(lines)


def _trace(trace: Mapping[str, object] | None) -> str:
    """The circumstance on one line; a long one is cut, since the command shows it whole."""
    if not trace:
        return ""
    text = json.dumps(trace, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
