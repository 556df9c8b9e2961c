"""What a worker gives up before it runs the first call, and what stands in force then."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from orket.runners.process.inside import kernel, landlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Fences", "put_up"]

_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/proc", "/dev")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/shm")  # noqa: S108 - of the kernel
_MIB = 1024 * 1024


class Fences(TypedDict):
    """How a worker is fenced in: plain values, since they are sent to the nursery."""

    root: str | None
    references: Sequence[str]
    confined: bool
    network: bool
    writable: Sequence[str]
    temporary: str
    memory: int
    open_files: int
    processes: int


def put_up(fences: Fences) -> None:
    """Fence in this process. It has just been forked and has one thread."""
    os.setsid()
    kernel.die_with_parent(signal.SIGKILL)
    kernel.adopt_orphans()
    os.environ["TMPDIR"] = fences["temporary"]
    _limit(fences)
    if fences["confined"] and not fences["network"]:
        with suppress(OSError):  # confinement() tells what holds then
            kernel.isolate_network()
    if fences["confined"]:
        kernel.give_up_powers()
    if landlock.version()[0] and (fences["confined"] or fences["root"] is not None):
        landlock.restrict(
            writable=[*_writable(fences)],
            readable=[*_readable(fences)] if fences["confined"] else None,
            network=fences["network"] or not fences["confined"],
        )


def _limit(fences: Fences) -> None:
    """Lower what this process may use; a limit that is lower already stays."""
    wanted = {
        resource.RLIMIT_AS: fences["memory"] * _MIB,
        resource.RLIMIT_NOFILE: fences["open_files"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        low = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (low, low))


def _writable(fences: Fences) -> Iterator[str]:
    if fences["root"] is not None:
        yield fences["root"]
    yield from (fences["temporary"], *fences["writable"], *_DEVICES)


def _readable(fences: Fences) -> Iterator[str]:
    yield from (*_SYSTEM, *fences["references"])
    yield from {sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
