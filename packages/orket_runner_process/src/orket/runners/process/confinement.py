"""What confines workers on this machine, and why the rest does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

from orket.runners.process.inside import landlock

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bubblewrap", "facts", "missing"]

_SECONDS = 10
_TRIAL = ("--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--", sys.executable, "-c", "")


def facts(*, network: bool, writable: Sequence[str] = ()) -> dict[str, str]:
    """What is in force, each in plain words.

    Args:
        network: whether confined tools may use the network.
        writable: where tools may write besides the workspace and the temporary folder.
    """
    known, no_landlock = landlock.version()
    no_bubblewrap = bubblewrap()
    places = ", ".join(["the workspace", *writable])
    writes = f"writes go to {places} and the temporary folder alone"
    reads = (
        "confined tools read besides only references, Python's modules and the system's folders such as /etc"
    )
    more = "" if known >= 6 else "; too old to keep signals to the workers themselves"
    return {
        "processes": "calls run in worker processes, each in a session of its own, with limits of memory, CPU time, "
        "open files and processes; they end with this one, in which 'host only' tools run",
        "landlock": f"no: {no_landlock}" if no_landlock else f"yes, version {known}: {writes}; {reads}{more}",
        "pid namespace": f"no: {no_bubblewrap}" if no_bubblewrap else "yes, by bubblewrap",
        "what Orket reads": f"confined tools can write it in the workspace: {no_bubblewrap}"
        if no_bubblewrap
        else "confined tools only read it in the workspace, as far as it exists, by bubblewrap",
        "network": "confined tools have the network, as configured" if network else _network(known),
    }


def missing() -> str:
    """Why tools that ask to be confined cannot be; empty where they can."""
    _, no_landlock = landlock.version()
    no_bubblewrap = bubblewrap()
    if no_landlock and no_bubblewrap:
        return f"Landlock: {no_landlock}; bubblewrap: {no_bubblewrap}"
    return ""


@cache
def bubblewrap() -> str:
    """Why there is no bubblewrap to run workers in; empty where there is."""
    program = shutil.which("bwrap")
    if program is None:
        return "'bwrap' is not installed"
    try:
        tried = subprocess.run(
            [program, *_TRIAL], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"'{program}' does not work: {error}"
    told = tried.stderr.strip().partition("\n")[0] or f"it ended with {tried.returncode}"
    return f"'{program}' does not work: {told}" if tried.returncode else ""


@cache
def _isolates_network() -> bool:
    """Whether a process can be given a network that leads nowhere; tried by one, since it cannot be taken back."""
    code = "from orket.runners.process.inside.kernel import isolate_network; isolate_network()"
    path = f"import sys; sys.path[:] = {sys.path!r}; {code}"
    tried = subprocess.run([sys.executable, "-c", path], capture_output=True, timeout=_SECONDS, check=False)
    return tried.returncode == 0


def _network(known: int) -> str:
    if _isolates_network():
        return "none for confined tools: they have a network namespace of their own"
    if known >= 4:
        return (
            "no TCP for confined tools, by Landlock; UDP stays, since network namespaces are not allowed here"
        )
    return "not taken from confined tools: neither network namespaces nor Landlock 4 are to be had here"
