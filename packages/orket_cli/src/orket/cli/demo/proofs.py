"""The demo at the gate: a node is refused, proved, and enabled. A proof is kept for the next demo of the same bytes."""

from __future__ import annotations

import shutil
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from orket.core import FAMILIES, ResolutionError, activate, discover

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.core import Family, Settings

__all__ = ["can_prove", "enabled"]


def can_prove() -> bool:
    """Whether the testkit is installed."""
    return find_spec("orket.testkit") is not None


def enabled(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """See that the gate is closed for the nodes that ``settings`` choose, and open it with proofs.

    Args:
        settings: they choose nodes, and say where evidence is.
        environ: says where this user's programs keep what can be made again.

    Yields:
        A label and what happened, in the order in which it did.

    Raises:
        ResolutionError: a node cannot be used for another reason than that it is not proved.
    """
    if not can_prove():
        yield "gate", "only warns here: orket-testkit is not installed, so nothing can be proved"
        return
    for family in FAMILIES:
        refusal = _refusal(family, settings)
        if refusal is None:  # it is the default, or an earlier act proved it
            continue
        if not refusal.code.startswith("gate-"):
            raise refusal
        yield "gate", f"refused, {refusal.code}: {refusal.diagnostic.message}"
        yield "proof", _proved(family, settings, environ)


def _proved(family: Family[object], settings: Settings, environ: Mapping[str, str]) -> str:
    kept = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "orket", "demo", "evidence")
    if kept.is_dir():
        shutil.copytree(kept, settings.evidence, dirs_exist_ok=True)
        if _refusal(family, settings) is None:
            return "kept from an earlier demo, and about exactly the bytes installed now"
    from orket.testkit import Plan, prove

    name = settings.asked(family)[0].value
    proof = prove(name, family.name, settings=settings, plan=Plan(examples=5))
    with suppress(OSError):  # then the next demo proves again
        shutil.copytree(settings.evidence, kept, dirs_exist_ok=True)
    passed = sum(finding.passed for finding in proof.findings)
    return f"orket prove {name}: {passed} of {len(proof.findings)} laws are kept"


def _refusal(family: Family[object], settings: Settings) -> ResolutionError | None:
    try:
        activate(family, settings, discover())
    except ResolutionError as error:
        return error
    return None
