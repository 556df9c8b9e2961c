"""``orket prove``: check an installed node against its family's laws, and write the evidence that the gate asks for."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING

from orket.cli.families import family_named
from orket.core.discovery import discover
from orket.core.errors import ConfigError, Diagnostic
from orket.core.families import FAMILIES, TOOL_STRATEGY
from orket.core.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from orket.cli.screen import Screen
    from orket.testkit.findings import Finding
    from orket.testkit.subject import Plan

__all__ = ["arguments", "run"]

_HEADER = ("CHECK", "STATUS", "SECONDS", "LAW")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("node", nargs="?", metavar="NODE", help="a node's name, or distribution:name")
    parser.add_argument(
        "--family", metavar="F", help="the family it is of, where several have a node of that name"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="where generated cases begin")
    parser.add_argument("--examples", type=int, metavar="N", help="how many generated cases a check tries")
    parser.add_argument(
        "--toolset",
        metavar="PACKAGE:FACTORY",
        help="an application's own tools: composed as well, never called",
    )
    parser.add_argument(
        "--replay", metavar="FILE", help="show one law broken again, from the trace in a file"
    )
    parser.add_argument("--self-test", action="store_true", help="check the checks: can each of them fail?")


def run(arguments: Namespace, screen: Screen) -> int:
    """Prove; 0 where every law is kept, 1 where one is not."""
    node: str | None = arguments.node
    replay: str | None = arguments.replay
    self_test: bool = arguments.self_test
    if self_test is (node is not None) or (self_test and replay is not None):
        hint = "write orket prove NODE, or orket prove --self-test"
        raise _wrong("Say which node to prove, or only --self-test.", "orket prove", hint)
    if find_spec("orket.testkit") is None:
        raise ConfigError(_no_testkit())
    if node is None:
        return _self_test(screen)
    plan = _plan(arguments)
    if replay is not None:
        return _replay(screen, node, replay, plan)
    return _prove(screen, node, _family(arguments.family, node), plan, _again(arguments))


def _prove(screen: Screen, node: str, family: str, plan: Plan, again: str) -> int:
    from orket.testkit.proof import prove
    from orket.testkit.render import rendered
    from orket.testkit.traces import keep

    settings = Settings.load()
    proof = prove(node, family, settings=settings, plan=plan, progress=_progress(screen))
    screen.progress()
    broken = [
        (one, keep(settings.evidence, proof.subject, one, plan.toolset))
        for one in proof.findings
        if not one.passed
    ]
    if screen.json:
        traces = {finding.check: file for finding, file in broken if file}
        checks = [{**one._asdict(), "trace_file": traces.get(one.check)} for one in proof.findings]
        screen.facts(
            {
                "node": proof.subject.ref.identity,
                "proved": proof.passed,
                "evidence": proof.file,
                "checks": checks,
            }
        )
        return 0 if proof.passed else 1
    screen.table([_HEADER, *map(_row, proof.findings)])
    for finding, file in broken:
        screen.line()
        screen.line(rendered(finding, _replaying(node, file) if file else again))
    screen.line()
    kept = len(proof.findings) - len(broken)
    verdict = "proved" if proof.passed else "NOT PROVED"
    screen.line(f"{proof.subject.ref.qualified}: {verdict}, {kept} of {len(proof.findings)} laws are kept")
    screen.line(f"evidence: {proof.file}")
    return 0 if proof.passed else 1


def _replay(screen: Screen, node: str, file: str, plan: Plan) -> int:
    from orket.testkit.render import rendered
    from orket.testkit.traces import read, show

    trace = read(file)
    finding = show(trace, node, plan, Settings.load())
    if screen.json:
        screen.facts(finding._asdict())
    elif finding.passed:
        screen.line(f"{finding.check}: passed, under the circumstance in {file}")
    else:
        screen.line(rendered(finding, _replaying(node, file)))
    return 0 if finding.passed else 1


def _self_test(screen: Screen) -> int:
    from orket.testkit.selftest import self_test

    report = self_test(screen.progress)
    screen.progress()
    if screen.json:
        screen.facts(report.as_dict())
    else:
        for line in report.lines():
            screen.line(line)
    return 0 if report.passed else 1


def _family(given: str | None, node: str) -> str:
    """The family that is meant: the given one, else the first that has a node of that name, or of the nearest."""
    if given is not None:
        return family_named(given, "orket prove --family").name
    catalog = discover()
    families: dict[str, str] = {}
    for family in FAMILIES:
        for ref in catalog.candidates(family):
            families.setdefault(ref.name, family.name)
            families.setdefault(ref.qualified, family.name)
    meant = node if node in families else next(iter(get_close_matches(node, families, n=1)), "")
    return families.get(meant, TOOL_STRATEGY.name)


def _plan(arguments: Namespace) -> Plan:
    from orket.testkit.subject import Plan

    seed: int | None = arguments.seed
    examples: int | None = arguments.examples
    toolset: str | None = arguments.toolset
    if toolset is not None and not all(toolset.partition(":")):
        raise _wrong(f"'{toolset}' names no toolset.", "--toolset", "write package:factory")
    if examples is not None and examples < 1:
        raise _wrong(f"{examples} examples are too few.", "--examples", "write 1 or more")
    usual = Plan()
    return usual._replace(
        seed=usual.seed if seed is None else seed,
        examples=usual.examples if examples is None else examples,
        toolset=toolset or usual.toolset,
    )


def _progress(screen: Screen) -> Callable[[Finding], None]:
    done: list[str] = []

    def progress(finding: Finding) -> None:
        done.append(finding.check)
        screen.progress(f"{len(done)}: {finding.check}: {finding.status}")

    return progress


def _row(finding: Finding) -> tuple[str, ...]:
    return finding.check, finding.status, f"{finding.seconds:.2f}", finding.sentence


def _again(arguments: Namespace) -> str:
    """The command that was given, in its shortest form."""
    words = ["orket", "prove", str(arguments.node)]
    for name in ("family", "seed", "examples", "toolset"):
        value: object = getattr(arguments, name)
        if value is not None:
            words += [f"--{name}", str(value)]
    return " ".join(words)


def _replaying(node: str, file: str) -> str:
    return f"orket prove {node} --replay {os.path.relpath(file)}"


def _wrong(message: str, asked_by: str, hint: str) -> ConfigError:
    return ConfigError(Diagnostic("wrong-usage", message, asked_by=asked_by, hint=hint))


def _no_testkit() -> Diagnostic:
    return Diagnostic(
        "missing-testkit",
        "Proving a node needs the testkit, which is not installed.",
        asked_by="orket prove",
        looked_in="orket.testkit",
        found="no such package",
        hint="pip install orket-testkit",
    )
