"""Configuration enables observers of installed distributions; nobody else's are even imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from orket.core import ConfigError, ResolutionError, Runtime, ToolCall, tool
from orket.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.discovery import Catalog

WATCHERS = """
from pydantic import BaseModel, ConfigDict
from orket.core import hookimpl

class Quiet:
    closed = 0
    told = []

    @hookimpl
    def call_finished(self, call, result):
        self.told.append(call.tool)

    def close(self):
        Quiet.closed += 1

class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    level: int = 1

class Loud:
    Options = Options
    levels = []

    def __init__(self, options):
        self.levels.append(options.level)

    @hookimpl
    def call_finished(self, call):
        pass

class Nobody:
    pass

def broken():
    raise OSError("no collector")

number = 3
"""
POINTS = """[orket.observers]
quiet = watchers:Quiet
loud = watchers:Loud
nobody = watchers:Nobody
broken = watchers:broken
number = watchers:number
"""


CORE = """[orket.tool_strategy]
default = orket.core.defaults:Default
[orket.tool_runner]
inline = orket.core.defaults:Inline
"""


@pytest.fixture(autouse=True)
def watchers(
    site: Path, look: Callable[..., Catalog], wheel: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Core and ``watchers`` are installed, and nothing else."""
    wheel("orket-core", {}, CORE)
    wheel("watchers", {"watchers.py": WATCHERS}, POINTS)
    monkeypatch.setattr("orket.core.runtime.discover", lambda: look(site))


def enabling(*names: str, **config: object) -> Settings:
    return Settings({"observers": {"enable": list(names)}, **config}, file="/etc/orket.toml")


def refusal(settings: Settings) -> str:
    """What a runtime of these settings says instead of beginning."""
    with pytest.raises((ConfigError, ResolutionError)) as caught:
        Runtime(settings=settings)
    return str(caught.value)


async def test_an_enabled_observer_is_told_of_calls_and_closed_with_the_runtime() -> None:
    calls = [tool(name="look")(lambda: "seen")]
    with Runtime(calls, settings=enabling("quiet")) as runtime:
        await runtime.turn().call(ToolCall("", "look", {}))
        watchers = sys.modules["watchers"]
        assert watchers.Quiet.told == ["look"]
        assert watchers.Quiet.closed == 0
    assert watchers.Quiet.closed == 1


def test_observers_that_are_not_enabled_are_not_imported() -> None:
    with Runtime(settings=Settings()):
        assert "watchers" not in sys.modules


def test_an_observer_gets_its_options() -> None:
    config: dict[str, object] = {"observers": {"enable": ["loud"], "options": {"loud": {"level": 7}}}}
    with Runtime(settings=Settings(config)):
        assert sys.modules["watchers"].Loud.levels == [7]


def test_an_observer_enabled_twice_watches_once() -> None:
    with Runtime(settings=enabling("loud", "loud")):
        assert sys.modules["watchers"].Loud.levels == [1]


def test_an_unknown_observer_names_what_there_is() -> None:
    assert refusal(enabling("quite")) == (
        "error: invalid-config\n"
        "  There is no observer 'quite'.\n"
        "  asked by:  /etc/orket.toml: observers.enable\n"
        "  looked in: entry points 'orket.observers'\n"
        "  found:     broken, loud, nobody, number, quiet\n"
        "  hint:      did you mean 'quiet'?"
    )


def test_an_observer_of_two_distributions_must_be_named_in_full(wheel: Callable[..., Path]) -> None:
    wheel("others", {}, "[orket.observers]\nquiet = others:Quiet\n")
    assert refusal(enabling("quiet")) == (
        "error: invalid-config\n"
        "  2 distributions ship an observer 'quiet'.\n"
        "  asked by:  /etc/orket.toml: observers.enable\n"
        "  looked in: entry points 'orket.observers'\n"
        "  found:     others:quiet, watchers:quiet\n"
        "  hint:      say which one"
    )
    with Runtime(settings=enabling("watchers:quiet")):
        pass


def test_an_observer_of_a_denied_distribution_is_refused_before_import() -> None:
    assert "denied-distribution" in refusal(enabling("quiet", plugins={"deny": ["watchers"]}))
    assert "watchers" not in sys.modules


def test_an_option_that_there_is_not_is_an_error_with_its_place() -> None:
    config: dict[str, object] = {"observers": {"enable": ["loud"], "options": {"loud": {"levl": 7}}}}
    assert refusal(Settings(config)) == (
        "error: invalid-options\n"
        "  The options of observer 'watchers:loud' cannot be used: it has no option 'levl'.\n"
        "  looked in: the configuration: observers.options.loud\n"
        "  found:     level\n"
        "  hint:      did you mean 'level'?"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nobody", "Nobody is no observer: it has no method marked with @hookimpl."),
        ("broken", "Observer 'watchers:broken' could not be built."),
        (
            "number",
            "Observer 'watchers:number' does not keep its contract: it is a int, where a class or a factory",
        ),
    ],
)
def test_what_cannot_watch_is_an_error(name: str, text: str) -> None:
    assert text in refusal(enabling(name))
