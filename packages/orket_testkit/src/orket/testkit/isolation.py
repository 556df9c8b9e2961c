"""Runs a check in a process of its own, and says what became of it whatever the node does there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from orket.testkit.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from orket.testkit.checks import Law
    from orket.testkit.subject import Plan, Subject

__all__ = ["Isolation"]


class Isolation:
    """A process that forks for each check. Use one from one thread at a time."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._child is not None:
            with self._child as child:
                child.kill()

    def run(self, law: Law, subject: Subject, plan: Plan) -> Finding:
        """Check one law of ``subject``."""
        started = time.monotonic()
        plan = plan._replace(seconds=plan.seconds * law.patience)
        with tempfile.TemporaryDirectory(prefix="orket-prove-") as folder:
            result = os.path.join(folder, "finding.json")
            ended = self._ask(request(law, subject, plan, result))
            finding = (_read(result) if ended["ended"] == "code" else None) or _without(law, ended, plan)
        return finding._replace(seconds=time.monotonic() - started)

    def _ask(self, asked: Mapping[str, object]) -> Mapping[str, object]:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "orket.testkit.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env={
                    **os.environ,
                    "PYTHONHASHSEED": "0",  # the same plan gives the same result
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                },
            )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(asked) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:  # the check has ended the process that it was forked from
            with self._child as child:
                child.kill()
            self._child = None
            return {"ended": "gone"}
        answer: Mapping[str, object] = json.loads(line)
        return answer


def request(law: Law, subject: Subject, plan: Plan, result: str) -> dict[str, object]:
    """What ``orket.testkit.child`` is asked."""
    return {
        "law": law.id,
        "subject": subject.plain(),
        "plan": plan._asdict(),
        "path": sys.path,
        "result": result,
        "seconds": plan.seconds,
    }


def _read(result: str) -> Finding | None:
    try:
        with open(result, encoding="utf-8") as stream:
            return Finding(**json.load(stream))
    except FileNotFoundError:
        return None


def _without(law: Law, ended: Mapping[str, object], plan: Plan) -> Finding:
    """The finding for a check that the node did not let end."""
    match ended["ended"]:
        case "late":
            found = f"it did not end within {plan.seconds:g} seconds"
        case "signal":
            found = f"it ended the process by {signal.Signals(int(str(ended['value']))).name}"
        case "gone":
            found = "it ended the process that checks it"
        case _:
            found = f"it ended the process with exit code {ended['value']}"
    expected = "the check ends, and the process goes on"
    return Finding(law.id, "failed", law.sentence, expected, found, {"ended": ended["ended"]})
