"""The byte judged is the byte run, and nothing else of a plugin is run at all."""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from typing import TYPE_CHECKING

import pytest

from orket.core.activation import activate, judge
from orket.core.calls import TurnContext
from orket.core.errors import ResolutionError
from orket.core.families import TOOL_STRATEGY
from orket.core.gate import Verdict
from orket.core.settings import Settings
from orket.core.toolset import Toolset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Wheel = Callable[..., Path]
    Ask = Callable[..., Settings]
    Everything = Callable[[], Catalog]
    Prove = Callable[[], NodeRef]

WARN: dict[str, object] = {"gate": {"mode": "warn"}}


def test_judging_imports_nothing_of_the_node(acme: Wheel, catalog: Everything, ask: Ask) -> None:
    acme("raise SystemExit('imported')\n")
    (ref,) = (ref for ref in catalog().refs if ref.name == "reviewer")
    declared, judged = judge(TOOL_STRATEGY, ref, ask(), catalog())
    assert (declared.contract, judged) == (1, Verdict("missing"))
    assert "acme" not in sys.modules


def test_a_node_that_the_gate_refuses_is_not_imported(acme: Wheel, catalog: Everything, ask: Ask) -> None:
    acme("raise SystemExit('imported')\n")
    with pytest.raises(ResolutionError, match="gate-missing"):
        activate(TOOL_STRATEGY, ask(), catalog())
    assert "acme" not in sys.modules


def test_only_the_chosen_node_is_imported(acme: Wheel, wheel: Wheel, catalog: Everything, ask: Ask) -> None:
    acme()
    wheel(
        "beta", {"beta.py": "raise SystemExit('imported')\n"}, "[orket.tool_strategy]\nother = beta:Other\n"
    )
    activate(TOOL_STRATEGY, ask(config=WARN), catalog())
    assert "acme" in sys.modules
    assert "beta" not in sys.modules


def test_a_compiled_file_that_differs_from_its_source_has_no_effect(
    acme: Wheel,
    prove: Prove,
    catalog: Everything,
    ask: Ask,
    site: Path,
) -> None:
    """The byte judged is the byte run: what Python cached for a file is not asked."""
    acme()
    source = site / "acme.py"
    cached = importlib.util.cache_from_source(str(source))
    text = source.read_text()
    source.write_text(text.replace("return toolset", "return 'another thing'"))
    py_compile.compile(str(source), cached, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    source.write_text(text)
    prove()
    node = activate(TOOL_STRATEGY, ask(), catalog()).node
    assert node is not None
    assert isinstance(node.compose(Toolset(), TurnContext()), Toolset)
