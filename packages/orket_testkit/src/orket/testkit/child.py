"""The process that checks run in: it reads requests, and forks for each one.

It has imported what checks need and nothing of any node, so that a check starts in milliseconds with a clean slate,
and whatever a node does there - hang, exit, print, leak - ends with the forked process.

A request is one JSON object a line: ``law``, ``subject``, ``plan``, ``path`` (the ``sys.path`` to use), ``result``
(the file that the finding is written to) and ``seconds``. The answer is one line, how the process ended:
``{"ended": "code" | "signal" | "late", "value": int, "output": int}``.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from orket import core
from orket.core.proving import import_from
from orket.testkit.checks import laws_of, run_law
from orket.testkit.subject import Plan, Subject
from orket.testkit.toolsets import baseline

if TYPE_CHECKING:
    from collections.abc import Mapping

_OUTPUT_LIMIT = 64 * 1024 * 1024


def main() -> None:
    """Serve requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        _warm(Subject.from_plain(request["subject"]).ref.family)
        json.dump(_serve(request), answers)
        answers.write("\n")
        answers.flush()


def _warm(family: str) -> None:
    """Import here, once, what checks need, and not in every fork."""
    laws_of(family)
    for module in ("hypothesis.strategies", "jsonschema"):
        import_module(module)
    for name in core.__all__:
        assert getattr(core, name)  # imported when it is first asked for
    assert baseline().digest  # as is what describes tools
    assert hasattr(core.ToolRuntimeExecutor().runner, "threads")  # and what sync tools run in
    gc.freeze()  # no fork need look at, and so copy, what is there already


def _serve(request: Mapping[str, Any]) -> dict[str, object]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _become(output.fileno())
            check(request)
            sys.stdout.flush()
            os._exit(0)
        ended, value = _wait(child, request["seconds"])
        return {"ended": ended, "value": value, "output": os.fstat(output.fileno()).st_size}


def _become(output: int) -> None:
    """Leave the parent's group and its streams, so that nothing done from here on reaches it."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT_LIMIT, _OUTPUT_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check(request: Mapping[str, Any]) -> None:
    """Check one law of one subject, and write the finding."""
    sys.path[:] = request["path"]
    subject = Subject.from_plain(request["subject"])
    plan = Plan(**request["plan"])
    with import_from(subject.sources):
        finding = run_law(laws_of(subject.ref.family)[request["law"]], subject, plan)
    with open(request["result"], "w", encoding="utf-8") as stream:
        json.dump(finding._asdict(), stream)


def _wait(child: int, seconds: float) -> tuple[str, int]:
    """How the child ended: with an exit code, by a signal, or because it was late and had to be killed."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            _end_group(child)
            code = os.waitstatus_to_exitcode(status)
            return ("code", code) if code >= 0 else ("signal", -code)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    _end_group(child)
    os.waitpid(child, 0)
    return "late", 0


def _end_group(leader: int) -> None:
    """End what the child started and left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
