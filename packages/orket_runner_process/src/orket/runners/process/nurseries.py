"""The host's side of the nursery: start it, and have it fork workers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakSet

from orket.runners.process.confinement import bubblewrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.runners.process.options import Options
    from orket.runners.process.travel import Place

__all__ = ["Channels", "Nursery"]

_SECONDS = 2.0
_NUMBERS = count(1)
_START = "import sys; sys.path[:] = {path!r}; from orket.runners.process.inside.nursery import main; main({control})"
_HARMLESS = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
_OF_PYTHON = ("PYTHONHOME", "PYTHONUTF8", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE")


def _harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python and programs need of an environment, and nothing that could be a secret.

    A process can read for as long as it lives what those above it were started with, whatever it gives its children.
    """
    return {name: environment[name] for name in (*_HARMLESS, *_OF_PYTHON) if name in environment}


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # removed under the host's feet
        return "/"


def _held(place: Place) -> Iterator[str]:
    """Bubblewrap's words by which what Orket reads in the workspace, as far as it exists, can only be read there."""
    if place.root is None:
        return
    root = os.path.join(os.path.realpath(place.root), "")
    held = sorted(path for path in map(os.path.realpath, place.protected) if path.startswith(root))
    above = {folder for path in held for folder in _between(root, path)}
    # A folder above is a mount as well: else it could be renamed, and another one be made in its place.
    for path in sorted(above):
        yield from ("--bind-try", path, path)
    for path in held:
        yield from ("--ro-bind-try", path, path)
    outputs = os.path.join(root, ".orket", "outputs")  # where workers keep what is too long to be sent
    yield from ("--bind-try", outputs, outputs)


def _between(root: str, path: str) -> Iterator[str]:
    while len(path := os.path.dirname(path)) > len(root):
        yield path


class Channels:
    """The host's ends of the channels to one worker; nobody else has them."""

    def __init__(self) -> None:
        self.calls, theirs = socket.socketpair()
        self.status, their_status = socket.socketpair()
        self.output, their_output = os.pipe()
        self._theirs = theirs, their_status
        self._their_output = their_output
        os.set_blocking(self.output, False)
        for ours in (self.calls, self.status):
            ours.setblocking(False)

    def others(self) -> list[int]:
        """The worker's ends, in the order in which the nursery expects them."""
        calls, status = self._theirs
        return [calls.fileno(), self._their_output, status.fileno()]

    def close_others(self) -> None:
        """Close the worker's ends here, so that its end is seen."""
        for theirs in self._theirs:
            theirs.close()
        os.close(self._their_output)

    def close(self) -> None:
        """Close the host's ends."""
        self.calls.close()
        self.status.close()
        os.close(self.output)


class Nursery:
    """The parent of workers. One for all ordinary places; each place of confined tools has one of its own."""

    def __init__(self, options: Options, place: Place | None) -> None:
        """Start it.

        Args:
            options: what its workers may use.
            place: the only place of its workers, to which bubblewrap confines all of them where it works.

        Raises:
            OSError: it cannot be started.
        """
        self._options = options
        with ExitStack() as undoing:
            self._own_folder = None if place is None else tempfile.mkdtemp(prefix="orket-confined-")
            if self._own_folder is not None:
                undoing.callback(shutil.rmtree, self._own_folder, ignore_errors=True)
            self._temporary = self._own_folder or tempfile.gettempdir()
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            undoing.callback(self._control.close)
            self._control.settimeout(_SECONDS)
            start = _START.format(path=sys.path, control=theirs.fileno())
            wrapping = [] if bubblewrap() else self._wrapping(place)
            self._wrapped = bool(wrapping)
            command = [*wrapping, sys.executable, "-c", start]
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                    env=None if place is None else _harmless(os.environ),
                )
            undoing.pop_all()
        _EVERY.add(self)

    @property
    def alive(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def fork(self, place: Place, channels: Channels) -> int:
        """Have it fork a worker, and give that the worker's ends of ``channels``; gives the worker's number.

        Raises:
            OSError: it is gone.
        """
        number, options = next(_NUMBERS), self._options
        self._say(
            {
                "do": "fork",
                "worker": number,
                "path": [str(entry) for entry in sys.path],
                "folder": _here(),
                "settings": {
                    "root": place.root,
                    "references": place.references,
                    "protected": place.protected,
                    "cpu": options.cpu,
                },
                "fences": {
                    "root": place.root,
                    "references": place.references,
                    "confined": place.confined,
                    "network": options.network,
                    "writable": options.writable,
                    "temporary": self._temporary,
                    "memory": options.memory,
                    "open_files": options.open_files,
                    "processes": options.processes,
                },
            },
            channels.others(),
        )
        return number

    def tell(self, do: str, worker: int) -> None:
        """Have it kill a worker, or watch it, or no longer."""
        with suppress(OSError):  # with the nursery its workers are gone
            self._say({"do": do, "worker": worker})

    def close(self) -> None:
        """End it, and with it all its workers."""
        self._control.close()
        if not self._wrapped:
            self._process.terminate()  # it may be too busy to see that its control is closed
        elif self.alive:  # bubblewrap, with the first process of the namespace: all others end with that
            os.killpg(self._process.pid, signal.SIGKILL)
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)

    def forget(self) -> None:
        """Leave it to the parent of this forked process: while anybody could still speak to it, it would not end."""
        self._control.close()

    def _say(self, message: dict[str, object], fds: list[int] | None = None) -> None:
        socket.send_fds(self._control, [json.dumps(message).encode()], fds or [])

    def _wrapping(self, place: Place | None) -> list[str]:
        """The command of bubblewrap before the nursery's own."""
        apart = ["--unshare-pid"]
        view = ["--dev-bind", "/", "/"]
        if place is not None:
            writable = [self._temporary, *self._options.writable, *filter(None, [place.root])]
            view = ["--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/run"]
            view += [word for path in writable for word in ("--bind-try", path, path)]
            view += _held(place)
            apart += ["--unshare-ipc", *([] if self._options.network else ["--unshare-net"])]
        return ["bwrap", *view, *apart, "--proc", "/proc", "--"]


_EVERY: WeakSet[Nursery] = WeakSet()


def _forget_every() -> None:
    for nursery in _EVERY:
        nursery.forget()


os.register_at_fork(after_in_child=_forget_every)
