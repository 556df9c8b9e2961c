"""The circumstance that shows a law broken, kept in a file of its own so that it can be shown again."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import ConfigError, Diagnostic
from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.proof import subject_named
from orket.testkit.subject import toolset_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core import Settings
    from orket.testkit.findings import Finding
    from orket.testkit.subject import Plan, Subject

__all__ = ["Trace", "keep", "read", "show"]


class Trace(NamedTuple):
    """What a file of a trace holds."""

    family: str
    node: str
    """``distribution:name``."""
    check: str
    """The law that it shows broken."""
    trace: Mapping[str, object]
    toolset: str = ""
    """``package:factory`` of the application's tools that it was found with."""


def keep(folder: str, subject: Subject, finding: Finding, toolset: str = "") -> str:
    """Write the trace of ``finding`` and give the file's path; an empty text where it has none to show again."""
    if not finding.trace or "ended" in finding.trace:
        return ""
    ref = subject.ref
    file = os.path.join(folder, "traces", f"{ref.family}.{ref.distribution}.{ref.name}.{finding.check}.json")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8") as stream:
        kept = Trace(ref.family, ref.qualified, finding.check, finding.trace, toolset)
        json.dump(kept._asdict(), stream, indent=1, sort_keys=True)
        stream.write("\n")
    return file


def read(file: str) -> Trace:
    """What ``keep`` wrote.

    Raises:
        ConfigError: the file cannot be read, or is no trace.
    """
    try:
        with open(file, encoding="utf-8") as stream:
            plain: object = json.load(stream)
        if not isinstance(plain, dict):
            raise ValueError(f"it holds a {type(plain).__name__}, where a table belongs")
        table = cast("dict[str, object]", plain)
        trace = table["trace"]
        if not isinstance(trace, dict):
            raise ValueError(f"its 'trace' is {trace!r}, where a table belongs")
        family, node, check = (str(table[key]) for key in ("family", "node", "check"))
        return Trace(family, node, check, cast("dict[str, object]", trace), str(table.get("toolset", "")))
    except KeyError as error:
        raise _no_trace(f"it has no key {error}", file) from error
    except (OSError, ValueError) as error:
        raise _no_trace(str(error), file) from error


def show(trace: Trace, name: str, plan: Plan, settings: Settings) -> Finding:
    """Check the law of ``trace`` once more, under its circumstance alone.

    Args:
        trace: what to show.
        name: the installed node to check it of.
        plan: how long it may take, and with which tools of an application in place of the trace's own.
        settings: the configuration.

    Raises:
        ConfigError: there is no such law, or the application's tools cannot be had.
        ResolutionError: the node cannot be found.
    """
    laws = laws_of(trace.family)
    if trace.check not in laws:
        found = ", ".join(laws)
        raise ConfigError(Diagnostic("wrong-usage", f"There is no law '{trace.check}'.", found=found))
    subject, _ = subject_named(name, trace.family, settings)
    plan = plan._replace(replay=trace.trace, toolset=plan.toolset or trace.toolset)
    if plan.toolset:
        toolset_from(plan.toolset)  # what is wrong with it must not be told as the node's fault
    with Isolation() as isolation:
        return isolation.run(laws[trace.check], subject, plan)


def _no_trace(reason: str, file: str) -> ConfigError:
    hint = "give a file that 'orket prove' wrote for a law that is not kept"
    return ConfigError(Diagnostic("wrong-usage", f"This is no trace: {reason}.", looked_in=file, hint=hint))
