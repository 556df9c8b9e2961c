"""``orket call``: one call of a tool, through the same seam as an agent's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, cast

from orket.cli.groups import unchosen_groups
from orket.cli.running import running
from orket.core.calls import ToolCall
from orket.core.errors import ConfigError, Diagnostic
from orket.core.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from orket.cli.screen import Screen
    from orket.core.calls import ToolResult
    from orket.core.parts import Parts

__all__ = ["arguments", "run"]


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("tool", metavar="TOOL", help="the tool's name, as 'orket tools' shows it")
    parser.add_argument(
        "arguments",
        nargs="*",
        default=[],  # else Python takes it for required
        metavar="KEY=VALUE",
        help="an argument: key=text, or key:=JSON for everything else",
    )
    parser.add_argument("--role", action="append", default=[], metavar="R", help="what the caller acts as")
    parser.add_argument("--session", metavar="S", help="the session that the call belongs to")
    parser.add_argument(
        "--record", metavar="FILE", help="append the call and its answer, for 'orket demo' to play"
    )


def run(arguments: Namespace, screen: Screen) -> int:
    """Call the tool and print what it gave; 1 where it failed or was refused."""
    tool: str = arguments.tool
    words: list[str] = arguments.arguments
    roles: list[str] = arguments.role
    session: str | None = arguments.session
    record: str | None = arguments.record
    given = _given(words)
    settings = Settings.load()
    parts: Parts = {}
    if groups := unchosen_groups(settings):
        screen.note("the configuration chooses no tool groups, so this call uses 'files'")
        parts["groups"] = groups
    if record is not None:
        parts["record"] = record
    with running(screen, settings, **parts) as runtime:
        turn = runtime.turn(session_id=session, roles=roles)
        result = turn.call_sync(ToolCall("", tool, given))
    if screen.json:
        screen.facts(result.as_dict())
    elif result.ok:
        screen.content(_readable(result))
    else:
        screen.error(Diagnostic(result.status, result.error))
    return 0 if result.ok else 1


def _given(words: Iterable[str]) -> dict[str, object]:
    """The arguments that ``key=text`` and ``key:=JSON`` say."""
    given: dict[str, object] = {}
    for word in words:
        key, equals, text = word.partition("=")
        name = key.removesuffix(":")
        if not (name and equals):
            raise _wrong(f"'{word}' is no argument.", "write key=text, or key:=JSON")
        if name in given:
            raise _wrong(f"The argument '{name}' is given twice.", "give it once")
        given[name] = text if name == key else _parsed(word, text)
    return given


def _parsed(word: str, text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _wrong(
            f"'{word}' is no JSON after ':=': {error}.", "quote it for the shell, or write key=text"
        ) from error
    return value


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _wrong(message: str, hint: str) -> ConfigError:
    return ConfigError(Diagnostic("wrong-usage", message, asked_by="orket call", hint=hint))


def _readable(result: ToolResult) -> str:
    """What the tool gave, as a person wants to read it: text where there is nothing but text."""
    value = result.value
    if isinstance(value, dict) and len(entries := cast("dict[str, object]", value)) == 1:
        (value,) = entries.values()
    if isinstance(value, list):
        items = cast("list[object]", value)
        lines = [item for item in items if isinstance(item, str)]
        if lines and len(lines) == len(items):
            return "\n".join(lines)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
