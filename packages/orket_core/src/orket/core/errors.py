"""What went wrong, as one value that every surface renders.

OrketError            carries one Diagnostic
├── ConfigError       a setting, an argument or a file that cannot be used
├── ResolutionError   no usable node: its ``code`` says why
├── JournalError      a call could not be recorded, so it must not run
└── StoreError        durable storage failed
ToolError             raised by a tool on purpose: its text is for the model
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orket.core.resolver import Resolution

__all__ = [
    "ConfigError",
    "Diagnostic",
    "JournalError",
    "OrketError",
    "ResolutionError",
    "StoreError",
    "ToolError",
    "closest",
]


class Diagnostic(NamedTuple):
    """One finding: what happened, who asked, where we looked, what was there, what to do.

    ``code`` is stable and made for programs; the other fields are for people, and empty where they say nothing.
    """

    code: str
    message: str
    asked_by: str = ""
    looked_in: str = ""
    found: str = ""
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """The six fields by name, as JSON carries them."""
        return self._asdict()

    def render(self, level: str = "error") -> str:
        """The text a terminal shows: a headline, the message, then each field that says something."""
        lines = [f"{level}: {self.code}", *(f"  {line}" for line in self.message.splitlines())]
        for label, text in (
            ("asked by:", self.asked_by),
            ("looked in:", self.looked_in),
            ("found:", self.found),
            ("hint:", self.hint),
        ):
            if text:
                lines.append(f"  {label:<10} " + text.replace("\n", "\n" + " " * 13))
        return "\n".join(lines)


class OrketError(Exception):
    """Base of every error that Orket raises on its own behalf."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    @property
    def code(self) -> str:
        """The diagnostic's code, made for programs."""
        return self.diagnostic.code

    def __str__(self) -> str:
        return self.diagnostic.render()


class ConfigError(OrketError):
    """A setting, an argument or a configuration file that cannot be used."""


class ResolutionError(OrketError):
    """No node could be activated for a family; ``code`` is one of the codes of a resolution."""

    resolution: Resolution | None = None
    """Every candidate and why it lost, where resolving got that far."""


class JournalError(OrketError):
    """The journal refused to record a call, so the call must not run."""


class StoreError(OrketError):
    """Durable storage failed or was refused."""


class ToolError(Exception):
    """Raised by a tool on purpose; the message is shown to the model as it stands.

    Every other exception of a tool is reported by its type and text with paths of the host removed.
    """


def closest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the known word nearest to ``word``, or nothing where none is near."""
    from difflib import get_close_matches  # an error is the only thing that needs it

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""
