"""The id of a call is its own: in a process, and between processes."""

from __future__ import annotations

import re
import subprocess
import sys

from orket.core.calls import new_call_id

FORKING = """
import os
from orket.core.calls import new_call_id

new_call_id()
child = os.fork()
os.write(1, f"{new_call_id()}\\n".encode())
if child:
    os.waitpid(child, 0)
"""


def printed(script: str) -> list[str]:
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return run.stdout.split()


def test_no_two_calls_share_an_id() -> None:
    assert len({new_call_id() for _ in range(1000)}) == 1000


def test_an_id_is_fit_for_names_of_files_and_for_headers() -> None:
    assert re.fullmatch(r"call-[0-9a-f]{24}", new_call_id())


def test_two_processes_give_no_id_twice() -> None:
    script = "from orket.core.calls import new_call_id\nprint(new_call_id())"

    assert printed(script) != printed(script)


def test_a_forked_child_gives_no_id_that_its_parent_gives() -> None:
    first, second = printed(FORKING)

    assert first != second
