"""What the tests share: tools that workers find, coroutines as tests, and a runner that is closed."""

from __future__ import annotations

import asyncio
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orket.core import Workspace
from orket.runners.process import Options, Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

sys.path.append(str(Path(__file__).parent))  # a worker finds a tool by its module, in this folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--faults",
        type=int,
        default=1,
        metavar="N",
        help="how often each fault of the matrix happens; from 20 on the lag of the event loop is judged as well",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in a loop of its own."""
    test: Callable[..., object] = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}))
    return True


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "work").mkdir()
    with Workspace(tmp_path / "work") as workspace:
        yield workspace


@pytest.fixture
def make() -> Iterator[Callable[..., Process]]:
    """Makes runners of options, which are closed after the test."""
    made: list[Process] = []

    def make(**options: object) -> Process:
        made.append(Process(Options.model_validate(options)))
        return made[-1]

    yield make
    for runner in made:
        runner.close()
