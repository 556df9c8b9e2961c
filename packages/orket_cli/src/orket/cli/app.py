"""From words to a command, and from what it raises to an exit code."""

from __future__ import annotations

from argparse import ArgumentParser, HelpFormatter
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from orket.cli.commands import COMMANDS
from orket.cli.screen import Screen
from orket.core.errors import ConfigError, Diagnostic, OrketError, closest

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

__all__ = ["run"]


class _Command(Protocol):
    """What the module of a command holds."""

    def arguments(self, parser: ArgumentParser) -> None: ...

    def run(self, arguments: Namespace, screen: Screen) -> int: ...


class _Parser(ArgumentParser):
    """Reports a wrong word the way everything else that is wrong is reported."""

    def error(self, message: str) -> NoReturn:
        self.color = False  # else Python 3.14 puts terminal codes into the usage
        usage = " ".join(self.format_usage().split())
        text = f"{message[:1].upper()}{message[1:]}."
        raise ConfigError(Diagnostic("wrong-usage", text, asked_by=self.prog, hint=usage))


def run(words: Sequence[str]) -> int:
    """Run the command that ``words`` begin with, and give its exit code."""
    options = words[: words.index("--")] if "--" in words else words
    screen = Screen(json="--json" in options)
    try:
        return _run(words, screen)
    except OrketError as error:
        screen.error(error.diagnostic)
        return 2 if isinstance(error, ConfigError) else 1
    except BrokenPipeError:
        raise
    except OSError as error:
        found = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        screen.error(Diagnostic("system-error", "The system refused something.", found=found))
        return 1


def _run(words: Sequence[str], screen: Screen) -> int:
    if not words or words[0] in ("-h", "--help"):
        _overview(screen)
        return 0
    name, *rest = words
    if name not in COMMANDS:
        raise ConfigError(_no_command(name))
    command = cast("_Command", import_module(f"orket.cli.commands.{name}"))
    parser = _Parser(
        prog=f"orket {name}", description=COMMANDS[name], formatter_class=_formatter, allow_abbrev=False
    )
    command.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print facts and errors as JSON")
    return command.run(_parsed(parser, rest), screen)


def _formatter(prog: str) -> HelpFormatter:
    return HelpFormatter(prog, width=80)  # measuring the terminal would cost an import of shutil


def _parsed(parser: ArgumentParser, words: Sequence[str]) -> Namespace:
    try:
        return parser.parse_args(words)
    except ConfigError:  # options may stand between arguments too, which takes longer to find out
        return parser.parse_intermixed_args(words)


def _overview(screen: Screen) -> None:
    screen.line("usage: orket COMMAND …, orket --version, orket --help")
    screen.line()
    screen.table([(f"  {name}", summary) for name, summary in COMMANDS.items()])
    screen.line()
    screen.line("'orket COMMAND --help' tells more. Exit codes: 0 fine, 1 the thing asked about is bad,")
    screen.line("2 wrong usage or configuration.")


def _no_command(name: str) -> Diagnostic:
    if name.startswith("-"):
        message = f"'{name}' stands where the command belongs."
        hint = "write it after the command" if name == "--json" else "see 'orket --help'"
    else:
        message, hint = f"There is no command '{name}'.", closest(name, COMMANDS) or "see 'orket --help'"
    return Diagnostic("wrong-usage", message, asked_by="orket", found=", ".join(COMMANDS), hint=hint)
