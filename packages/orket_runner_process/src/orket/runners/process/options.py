"""What can be configured under ``[nodes.tool_runner.process]``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Options"]


class Options(BaseModel):
    """How many workers there are, and what each of them may use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: int = Field(default=4, ge=3)
    """How many worker processes there are at most; they start when they are needed and are used again.

    One tool may have all but one of them.
    """
    queue: int = Field(default=256, ge=1)
    """How many calls of one tool may wait for a worker; a further one is ``busy``."""
    memory: int = Field(default=2048, ge=256)
    """MiB of address space for each process."""
    cpu: int = Field(default=600, ge=1)
    """Seconds of CPU time for each call."""
    open_files: int = Field(default=256, ge=64)
    """How many descriptors each process may have open."""
    processes: int = Field(default=64, ge=8)
    """How many processes a call may have started at once."""
    output: int = Field(default=65_536, ge=0)
    """Bytes of what a call prints that are kept for the log; the rest is counted."""
    writable: tuple[str, ...] = ()
    """Folders besides the workspace and the temporary folder that tools may write to."""
    network: bool = False
    """Whether tools that ask to be confined have a network. Others have it anyway."""
    restarts: int = Field(default=5, ge=1)
    """How many workers a tool may crash within a minute; then it is not run until the minute has passed."""
    import_seconds: float = Field(default=10, ge=1)
    """How long the import of a tool's module may take."""
