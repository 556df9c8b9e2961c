"""A scene is played in a world of its own, and the harness itself sees what happened there."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orket.core import CallContext, Effect, ToolRuntimeExecutor, tool
from orket.testkit.parity.scenes import Call, Scene
from orket.testkit.parity.worlds import NOW, Cast, play

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.parity.observations import Observation


def observed(
    *functions: Callable[..., object], calls: tuple[Call, ...] = (), seconds: float = 10.0
) -> Observation:
    """What is seen of one call of each function, or of the calls given."""
    tools = {made.name: made for made in map(tool(effects={Effect.WRITE}), functions)}
    scene = Scene(calls or tuple(map(Call, tools)), {"there.txt": "before"})
    (seen,) = play(scene, lambda: Cast(tools, ToolRuntimeExecutor().runner), seconds=seconds)
    return seen


def surroundings() -> list[object]:
    return [os.getcwd(), os.path.expanduser("~"), datetime.now(UTC).year, time.time()]


def test_folder_home_and_clock_are_the_worlds_own() -> None:
    assert observed(surroundings).seen[0].data == [
        "<workspace>",
        "<home>",
        2030,
        NOW.timestamp(),
    ]


def test_the_process_is_the_worlds_own() -> None:
    def process() -> int:
        return os.getpid()

    assert observed(process).seen[0].data != os.getpid()


def test_a_file_that_a_call_writes_shows_with_mode_and_content_at_that_call() -> None:
    def write() -> None:
        with open("new.txt", "w", encoding="utf-8") as stream:
            stream.write("hello")
        os.chmod("new.txt", 0o600)

    def nothing() -> None: ...

    first, second = observed(write, nothing).seen
    assert first.files == {"workspace/new.txt": 'file 0600 "hello"'}
    assert second.files == {}


def test_links_and_removed_files_show() -> None:
    def change() -> None:
        os.symlink("there.txt", "link")
        os.link("there.txt", "other")
        os.mkdir("folder")

    def remove() -> None:
        os.remove("there.txt")

    first, second = observed(change, remove).seen
    assert first.files == {
        "workspace/folder": "folder 0755",
        "workspace/link": "link to there.txt",
        "workspace/other": 'file 0644 2 names "before"',
        "workspace/there.txt": 'file 0644 2 names "before"',
    }
    assert second.files == {"workspace/there.txt": None, "workspace/other": 'file 0644 "before"'}


def test_rows_of_a_database_show_whatever_their_order_and_not_its_bytes() -> None:
    import sqlite3

    def fill() -> None:
        with sqlite3.connect("any.db") as database:
            database.execute("CREATE TABLE things (name, size)")
            database.executemany("INSERT INTO things VALUES (?, ?)", [("b", 2), ("a", 1)])
        database.close()

    def change() -> None:
        with sqlite3.connect("any.db") as database:
            database.execute("UPDATE things SET size = 1.0 WHERE name = 'a'")
        database.close()

    first, second = observed(fill, change).seen
    assert first.files == {"workspace/any.db": "file 0644 database"}
    assert first.rows == {
        "workspace/any.db: things": {"+": ['{"name": "a", "size": 1}', '{"name": "b", "size": 2}']}
    }
    assert second.rows == {
        "workspace/any.db: things": {"-": ['{"name": "a", "size": 1}'], "+": ['{"name": "a", "size": 1.0}']}
    }


def test_a_write_to_the_home_and_one_far_outside_show() -> None:
    def stray() -> None:
        with open(os.path.expanduser("~/log"), "w", encoding="utf-8"):
            pass
        os.path.exists("/orket-far-outside")
        try:
            os.mkdir("/proc/orket-far-outside")
        except OSError:
            return

    (seen,) = observed(stray).seen
    assert seen.files == {"home/log": 'file 0644 ""'}
    assert seen.strays == ["wrote /proc/orket-far-outside"]


def test_there_is_no_network_and_whoever_looks_for_one_is_seen() -> None:
    def connect() -> None:
        socket.create_connection(("127.0.0.1", 9))

    (seen,) = observed(connect).seen
    assert seen.status == "failed"
    assert seen.error == "PermissionError: there is no network here: socket.getaddrinfo 127.0.0.1"
    assert seen.strays == ["socket.getaddrinfo 127.0.0.1"]


def test_threads_tasks_and_processes_that_stay_are_leaks() -> None:
    kept: list[object] = []

    async def leave() -> None:
        kept.append(asyncio.ensure_future(asyncio.Event().wait()))

    def stay() -> None:
        threading.Thread(target=threading.Event().wait, args=(20,), name="stays", daemon=True).start()
        subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(20)"], start_new_session=True)

    leaks = observed(leave, stay).leaks
    assert leaks[0] == "task Event.wait"
    assert leaks[1].startswith("process python")
    assert leaks[2] == "thread stays"


def test_a_world_that_dies_or_does_not_end_says_so() -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def leave() -> None:
        os._exit(3)

    async def hang() -> None:
        threading.Event().wait(20)

    assert observed(die).ended == "the process ended by SIGKILL"
    assert observed(leave).ended == "the process exited with 3"
    assert observed(hang, seconds=0.5).ended == "it did not end"


def test_later_calls_can_refer_to_earlier_results() -> None:
    def make() -> dict[str, str]:
        return {"name": "made"}

    def take(name: str, ctx: CallContext) -> list[object]:
        return [name, ctx.extra["name"]]

    calls = (
        Call("make", label="first"),
        Call("take", {"name": "<{first.name}>"}, extra={"name": "{first.name}"}),
    )
    assert observed(make, take, calls=calls).seen[1].data == ["<made>", "made"]


def test_two_worlds_draw_other_random_numbers() -> None:
    def draw() -> float:
        import random

        return random.random()

    cast = Cast({"draw": tool(draw)}, ToolRuntimeExecutor().runner)
    one, other = play(Scene((Call("draw"),)), lambda: cast, lambda: cast)

    assert one.seen[0].data != other.seen[0].data
