"""``orket explain``: which node a family has, and why. Imports that node and no other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orket.cli.families import family_named
from orket.core.activation import activate
from orket.core.discovery import discover
from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.families import FAMILIES
from orket.core.settings import VARIABLES, Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from orket.cli.screen import Screen
    from orket.core.family import NodeRef
    from orket.core.gate import Verdict
    from orket.core.resolver import Resolution

__all__ = ["arguments", "run"]

_RULES = (*(family.rule for family in FAMILIES), "on_unusable_node")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("family", metavar="FAMILY", help="for example tool_strategy")
    parser.add_argument(
        "--simulate",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="as if a rule, or a variable of the environment, had this value",
    )


def run(arguments: Namespace, screen: Screen) -> int:
    """Print how the family is resolved; 1 where it has no usable node."""
    name: str = arguments.family
    simulated: list[str] = arguments.simulate
    family = family_named(name, "orket explain")
    settings = _settings(simulated)
    resolution = activate(family, settings, discover()).resolution
    if resolution.node is not None:
        if screen.json:
            screen.facts(resolution.as_dict())
        else:
            screen.table(_lines(resolution))
        return 0
    assert resolution.error is not None, "a resolution has a node or an error"
    if screen.json:
        screen.facts({**resolution.as_dict(), "error": resolution.error.as_dict()})
    else:
        screen.table(_lines(resolution))
        screen.error(resolution.error)
    return 1


def _settings(simulated: Iterable[str]) -> Settings:
    """The configuration in force, and on top of it what is only supposed."""
    rules: dict[str, str] = {}
    variables: dict[str, str] = {}
    for text in simulated:
        key, equals, value = text.partition("=")
        if not equals:
            raise _wrong(f"'{text}' does not say what to suppose.", "write --simulate KEY=VALUE")
        if key in _RULES:
            rules[key] = value
        elif key in VARIABLES:
            variables[key] = value
        else:
            hint = closest(key, (*_RULES, *VARIABLES)) or "name a rule or a variable"
            raise _wrong(f"There is no rule and no variable '{key}'.", hint)
    settings = Settings.load(environ={**os.environ, **variables})
    return settings.with_rules("argument", "--simulate", rules) if rules else settings


def _wrong(message: str, hint: str) -> ConfigError:
    found = ", ".join((*_RULES, *VARIABLES))
    return ConfigError(Diagnostic("wrong-usage", message, asked_by="--simulate", found=found, hint=hint))


def _lines(resolution: Resolution) -> Iterator[tuple[str, str]]:
    node = resolution.node
    chosen = "no node" if node is None else f"{node.name}, of {node.distribution} {node.version}"
    yield f"{resolution.family.name}:", chosen
    yield "  asked by:", str(resolution.decided.source)
    label = "  considered:"
    for place, asked in enumerate(resolution.considered):
        yield label, f"'{asked.value}', by {asked.source}{', which decides' if place == 0 else ''}"
        label = ""
    label = "  rejected:"
    for name, distribution, code, reason in resolution.rejected:
        why = "not asked for" if code == "not-asked" else f"{code}: {reason}"
        yield label, f"{distribution}:{name}: {why}"
        label = ""
    if resolution.verdict is not None and node is not None:
        yield from _gate(resolution.verdict, node)


def _gate(verdict: Verdict, node: NodeRef) -> Iterator[tuple[str, str]]:
    if verdict.judgement == "control":
        yield "  gate:", "control: the default node is what others are compared with"
    elif verdict.proved:
        age = int(verdict.age_days or 0)
        when = f"{age} day{'' if age == 1 else 's'} ago" if age else "today"
        yield "  gate:", f"allowed: proved as exactly these bytes, {when}"
    else:
        mode = f'mode is "{verdict.mode}"'
        yield "  gate:", f"NOT PROVED ({verdict.judgement}), and active all the same: {mode}"
        yield from (("", flaw) for flaw in verdict.flaws())
        yield "", verdict.remedy(node)
    yield from (("", damaged) for damaged in verdict.damaged)
