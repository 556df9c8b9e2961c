"""The pytest plugin of the testkit. It imports nothing, unless conformance tests did run and evidence is wanted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    class _Parser(Protocol):
        def addoption(self, *names: str, **attributes: str) -> None: ...

    class _Config(Protocol):
        def getoption(self, name: str, default: object = None) -> object: ...

    class _Session(Protocol):
        config: _Config

    class _Reporter(Protocol):
        def write_line(self, line: str) -> None: ...


_OPTION = "--orket-evidence"
_written: list[str] = []


def pytest_addoption(parser: _Parser) -> None:
    """Let evidence be written from a test run."""
    text = "write the evidence of conformance tests to DIR; a check whose test did not run is missing in it"
    parser.addoption(_OPTION, metavar="DIR", help=text)


def pytest_sessionfinish(session: _Session) -> None:
    """Write what was found, whatever became of the tests that display it."""
    folder = session.config.getoption(_OPTION)
    # A worker of pytest-xdist has run a part of the tests, and would say of the others that they are missing.
    if folder and not hasattr(session.config, "workerinput"):
        _written.extend(_evidence(str(folder)))


def pytest_terminal_summary(terminalreporter: _Reporter, config: _Config) -> None:
    """Say where the evidence is."""
    if config.getoption(_OPTION):
        if config.getoption("numprocesses"):
            terminalreporter.write_line(
                "orket: no evidence is written by several processes; run it without -n"
            )
        for line in _written:
            terminalreporter.write_line(line)
        _written.clear()


def _evidence(folder: str) -> Iterator[str]:
    adapter = sys.modules.get("orket.testkit.adapter")
    for run in adapter.RUNS if adapter else ():
        if run.began:
            file, missing = run.record(folder)
            lacks = f"; missing are {', '.join(missing)}" if missing else ""
            yield f"orket: evidence of {run.node} is in {file}{lacks}"
