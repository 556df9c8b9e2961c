"""The byte judged is the byte run, and nothing else of a plugin is run at all."""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from importlib import import_module
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
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Wheel = Callable[..., Path]
    Ask = Callable[..., Settings]
    Everything = Callable[[], Catalog]
    Prove = Callable[[], NodeRef]

REVIEWER = """
from orket.core import hookimpl

class Reviewer:
    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""
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


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that comes first on the path; what is imported from it is forgotten after."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    monkeypatch.setattr(sys, "path", [str(checkout), *sys.path])
    yield checkout
    for name in [name for name, module in sys.modules.items() if _is_in(checkout, module)]:
        del sys.modules[name]


def _is_in(folder: Path, module: object) -> bool:
    return (getattr(module, "__file__", None) or "").startswith(str(folder))


def test_a_proved_node_is_refused_where_a_copy_of_it_is_imported_already(
    acme: Wheel, prove: Prove, catalog: Everything, ask: Ask, site: Path, checkout: Path
) -> None:
    acme()
    prove()
    (checkout / "acme.py").write_text((site / "acme.py").read_text())
    import_module("acme")
    with pytest.raises(ResolutionError) as caught:
        activate(TOOL_STRATEGY, ask(), catalog())
    assert str(caught.value) == (
        "error: broken-node\n"
        "  Module 'acme' is imported already, and not from what was judged.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  looked in: {site}/acme.py\n"
        f"  found:     {checkout}/acme.py\n"
        "  hint:      start the process again, and let nothing else of that name come first on the path"
    )


def test_where_the_gate_only_warns_the_copy_that_is_imported_already_is_the_node(
    acme: Wheel, catalog: Everything, ask: Ask, checkout: Path
) -> None:
    acme("raise SystemExit('imported')\n")
    (checkout / "acme.py").write_text(REVIEWER)
    import_module("acme")
    activation = activate(TOOL_STRATEGY, ask(config=WARN), catalog())
    assert activation.resolution.verdict == Verdict("missing", "warn")


def test_a_node_that_is_proved_anew_is_refused_while_what_it_was_before_is_imported(
    acme: Wheel, prove: Prove, catalog: Everything, ask: Ask, site: Path
) -> None:
    acme()
    prove()
    activate(TOOL_STRATEGY, ask(), catalog())
    acme(f"{REVIEWER}\n")
    prove()
    with pytest.raises(ResolutionError, match="found:     what this file held before"):
        activate(TOOL_STRATEGY, ask(), catalog())


def test_what_the_application_has_imported_of_its_own_or_from_the_judged_file_is_no_reason_to_refuse(
    wheel: Wheel, prove: Prove, catalog: Everything, ask: Ask, checkout: Path
) -> None:
    files = {"acme/__init__.py": "", "acme/strategy.py": REVIEWER, "checks.py": ""}
    wheel("acme", files, "[orket.tool_strategy]\nreviewer = acme.strategy:Reviewer\n")
    prove()
    (checkout / "checks.py").write_text("")
    import_module("checks")
    import_module("acme")
    assert activate(TOOL_STRATEGY, ask(), catalog()).node is not None
