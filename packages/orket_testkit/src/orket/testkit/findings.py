"""What a check found, in words for people and in fields for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Broken", "Finding", "Status"]

Status: TypeAlias = Literal["passed", "failed", "pending", "missing", "error", "unaccepted-change"]


class Finding(NamedTuple):
    """How one check went."""

    check: str
    """The check's id."""
    status: Status
    sentence: str = ""
    """The law, in one sentence."""
    expected: str = ""
    found: str = ""
    trace: Mapping[str, object] | None = None
    """The smallest circumstance that shows it: plain JSON, and enough to show it again."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the node keeps this law."""
        return self.status == "passed"


class Broken(Exception):  # noqa: N818 - a finding, not an error of the check
    """Raised by a check that finds its law broken."""

    def __init__(
        self,
        found: str,
        *,
        expected: str = "",
        trace: Mapping[str, object] | None = None,
        status: Status = "failed",
    ) -> None:
        """Say what is wrong.

        Args:
            found: what happened, in a sentence.
            expected: what the law expects there.
            trace: the smallest circumstance that shows it.
            status: ``unaccepted-change`` for a difference from the control that nothing declares.
        """
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.trace = trace
        self.status: Status = status
