"""Tools with faults, for workers to find by name."""

from __future__ import annotations

import asyncio
import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, computed_field, field_serializer

from orket.core import CallContext, Effect, ToolError, tool

_kept: list[object] = []


def surroundings() -> dict[str, object]:
    """What a call finds in its process."""
    return {
        "cwd": os.getcwd(),
        "variable": os.environ.get("FAULTY"),
        "threads": threading.active_count(),
        "writable": os.write(1, b"") + os.write(2, b"") == 0,
    }


def trace() -> str:
    """The trace that the call belongs to."""
    from opentelemetry.trace import get_current_span

    return format(get_current_span().get_span_context().trace_id, "032x")


async def trace_async() -> str:
    await asyncio.sleep(0)
    return trace()


def pid() -> int:
    return os.getpid()


def raises() -> NoReturn:
    raise ValueError("no such row")


def raises_on_purpose() -> NoReturn:
    raise ToolError("ask for less")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class NoRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class HoldingError(Exception):
    def __init__(self) -> None:
        super().__init__("it holds a lock")
        self.lock = threading.Lock()


class Own(BaseException):
    pass


def raises_unprintable() -> NoReturn:
    raise UnprintableError


def raises_without_repr() -> NoReturn:
    raise ValueError(NoRepr())


def raises_stop_iteration() -> NoReturn:
    raise StopIteration("over")


def raises_generator_exit() -> NoReturn:
    raise GeneratorExit


def raises_keyboard_interrupt() -> NoReturn:
    raise KeyboardInterrupt


def raises_own() -> NoReturn:
    raise Own("odd")


def raises_unpicklable() -> NoReturn:
    raise HoldingError


def exits() -> NoReturn:
    sys.exit(3)


def exits_at_once() -> NoReturn:
    os._exit(3)


def segfaults() -> None:
    ctypes.string_at(0)


def aborts() -> NoReturn:
    os.abort()


def recurses() -> object:
    return recurses()


def nested() -> object:
    value: object = []
    for _ in range(100_000):
        value = [value]
    return value


def sleeps() -> None:
    time.sleep(60)


async def sleeps_async() -> None:
    await asyncio.sleep(60)


def spins() -> NoReturn:
    while True:
        pass


def ignores_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def allocates() -> int:
    return len(bytearray(4 << 30))


def long_text() -> str:
    return "x" * (64 << 20)


def long_list() -> list[str]:
    return ["x" * (1 << 20)] * 64


def prints() -> str:
    for _ in range(20):
        sys.stdout.write("y" * 1_000_000)
    return "printed"


def forges() -> str:
    os.write(1, b'\x00\x00\x00\x10{"value":"forged"}')
    return "genuine"


def forges_an_answer() -> str:
    """Answer in the worker's stead, on the socket that it has; only the token of the call is not known."""
    data = b'{"token":"guessed","value":"forged","last":false,"left":""}'
    os.write(3, len(data).to_bytes(4, "big") + data)
    return "genuine"


def closes_streams() -> str:
    os.close(1)
    os.close(2)
    return "closed"


def gives_set() -> set[int]:
    return {1}


def gives_object() -> object:
    return object()


def gives_nan() -> float:
    return float("nan")


def gives_surrogate() -> str:
    return "\ud800"


def leaves_thread() -> str:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return "left"


def leaves_child() -> str:
    _kept.append(subprocess.Popen(["sleep", "60"]))
    return "left"


def leaves_daemon() -> str:
    """A grandchild in a session of its own, whose parent has ended."""
    code = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"
    subprocess.run([sys.executable, "-c", code], check=True)
    return "left"


def leaves_folder() -> str:
    os.chdir("/")
    return "left"


def leaves_variable() -> str:
    os.environ["FAULTY"] = "yes"
    return "left"


async def leaves_task() -> str:
    _kept.append(asyncio.create_task(asyncio.sleep(60)))
    return "left"


def leaves_timer() -> str:
    signal.setitimer(signal.ITIMER_REAL, 60)
    return "left"


def leaves_output() -> str:
    sys.stdout = io.StringIO()
    return "left"


def leaves_mask() -> str:
    os.umask(0o777)
    return "left"


def opens_too_much() -> int:
    files: list[int] = []
    while True:
        files.append(os.open(os.devnull, os.O_RDONLY))


def forks_too_much() -> NoReturn:
    for _ in range(200):  # each waits to be ended, so that the machine is not harmed if nobody does
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    time.sleep(60)
    raise AssertionError("nobody ended it")


def writes(path: str, ctx: CallContext) -> str:
    return ctx.workspace.write_text(path, "written")


def writes_directly(path: str) -> str:
    Path(path).write_text("written", encoding="utf-8")
    return path


def moves_aside(path: str) -> str:
    Path(path).rename(f"{path}-moved")
    return path


def reads_directly(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def begins(path: str) -> None:
    """Say that it runs, then go on for ever."""
    Path(path).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(60)


def waits_for(path: str) -> str:
    """Go on until somebody makes a file."""
    while not Path(path).exists():
        time.sleep(0.005)
    return "done"


def variables() -> list[str]:
    """The names in the environments of this process and of those above it, as far as they can be read."""
    names = set(os.environ)
    process = os.getpid()
    while process:
        try:
            environment = Path(f"/proc/{process}/environ").read_bytes()
        except OSError:
            break
        names.update(variable.partition(b"=")[0].decode() for variable in environment.split(b"\0"))
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        process = int(status.partition("PPid:")[2].split()[0])
    return sorted(names)


def powers() -> int:
    """The capabilities of this process, one bit each."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("CapEff:")[2].split()[0], 16)


def connects(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        return "connected"


def signals(process: int) -> str:
    os.kill(process, 0)
    return "may signal"


def known(ctx: CallContext) -> dict[str, Any]:
    return {
        "session": ctx.session_id,
        "roles": list(ctx.roles),
        "model": ctx.model,
        "turn": ctx.turn,
        "extra": dict(ctx.extra),
        "call": ctx.call_id,
        "in time": ctx.deadline is not None and 0 < ctx.deadline - time.monotonic() < 60,
        "max_output": ctx.max_output,
        "references": len(ctx.workspace.references),
        "deps": ctx.deps,
    }


@tool(effects={Effect.READ})
def decorated() -> str:
    """A tool stands here in place of its function."""
    return "from the decorated"


@dataclass
class Place:
    name: str


def dates(day: date, places: list[Place], more: set[str]) -> dict[str, object]:
    return {"year": day.year, "place": type(places[0]).__name__, "more": sorted(more)}


class Doubled(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int

    @computed_field
    def double(self) -> int:
        return self.number * 2


class Renamed(BaseModel):
    number: int = Field(validation_alias="in", serialization_alias="out")


def doubles(given: Doubled) -> int:
    return given.number * 2


def renames(given: Renamed) -> int:
    return given.number


class Login(BaseModel):
    password: str

    @field_serializer("password")
    def masked(self, password: str) -> str:
        return "*" * len(password)


def unlocks(login: Login) -> str:
    return login.password


def echo(**given: object) -> object:
    return given


def takes_anything(given: object) -> object:
    return given
