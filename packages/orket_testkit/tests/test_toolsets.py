"""The toolsets that strategies are tried on."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from typing import TYPE_CHECKING, cast

import pytest

from orket.core import CallContext, Effect, Tool, ToolRuntimeExecutor, Toolset, Workspace
from orket.testkit.laws.trials import POLICIES
from orket.testkit.toolsets import TOOLSETS, baseline, empty, one, synthetic, thousand, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READ, WRITE, NETWORK = Effect.READ, Effect.WRITE, Effect.NETWORK

BASELINE: dict[str, tuple[list[str], set[Effect]]] = {
    "read_file": (["path"], {READ}),
    "write_file": (["path", "content"], {WRITE}),
    "list_directory": (["path"], {READ}),
    "image_analyze": (["path"], {READ}),
    "image_generate": (["prompt", "path"], {WRITE, NETWORK}),
    "create_issue": (["seat", "summary", "type", "priority"], {WRITE}),
    "update_issue_status": (["status", "issue_id", "wait_reason"], {WRITE}),
    "add_issue_comment": (["comment"], {WRITE}),
    "get_issue_context": (["issue_id"], {READ}),
    "nominate_card": ([], {WRITE}),
    "report_credits": (["amount"], {WRITE}),
    "refinement_proposal": ([], {WRITE}),
    "request_excuse": ([], {WRITE}),
    "archive_eval": (["session_id", "label"], {READ, WRITE}),
    "promote_prompt": (["seat", "content", "model_family"], {WRITE}),
}


def properties(toolset: Toolset, name: str) -> list[str]:
    found = toolset[name].schema["properties"]
    assert isinstance(found, dict)
    return list(cast("dict[str, object]", found))


def test_the_baseline_has_the_names_arguments_and_effects_of_the_15_default_tools_in_their_order() -> None:
    toolset = baseline()

    assert toolset.names == tuple(BASELINE)
    assert {
        name: (properties(toolset, name), set(toolset[name].effects)) for name in toolset.names
    } == BASELINE


def test_every_combination_of_effects_kind_and_shape_is_in_the_synthetic_one() -> None:
    names = set(synthetic().names)

    assert len(names) == 5 * 4 * 17
    for kind in ("sync", "async", "partial", "object", "wrapped"):
        for shape in ("signature", "bare", "nested", "choices"):
            assert {
                f"{kind}-{shape}-{effects}" for effects in ("any", "none", "r", "w", "n", "e", "enrw")
            } <= names


@pytest.mark.parametrize(
    ("kind", "awaited"),
    [("sync", False), ("async", True), ("partial", True), ("object", True), ("wrapped", False)],
)
def test_kinds_of_functions_are_what_they_say(kind: str, awaited: bool) -> None:
    assert synthetic()[f"{kind}-signature-r"].is_async is awaited


@pytest.mark.parametrize(
    "policy",
    [policy for policy in POLICIES if policy != "host"],
)
def test_each_policy_is_set_on_some_tool_of_each_effect(policy: str) -> None:
    of_each = {tool.name.rpartition("-")[2] for tool in synthetic() if getattr(tool, policy)}

    assert of_each == {tool.name.rpartition("-")[2] for tool in synthetic()}


def test_every_policy_of_a_tool_is_compared() -> None:
    told = {"name", "function", "arguments", "is_async", "effects", "declared", "described"}
    made = {"owner", "lineage", "limited", "guarded"}

    assert {field.name for field in fields(Tool)} == {*POLICIES, *told, *made}


def test_names_and_descriptions_at_the_edge() -> None:
    longest = max(thousand(), key=lambda tool: len(tool.name))

    assert {"tool-0", "tool_0", "TOOL-0"} <= set(thousand().names)
    assert (len(longest.name), len(longest.description)) == (64, 5_000)


def test_sizes_at_the_edge() -> None:
    assert (len(empty()), len(one()), len(thousand())) == (0, 1, 1000)
    assert one().names == ("read_file",)


def test_tools_of_which_nobody_said_what_they_do_may_do_anything() -> None:
    assert all(tool.effects == frozenset(Effect) and not tool.declared for tool in undeclared())


@pytest.mark.parametrize("make", TOOLSETS.values(), ids=TOOLSETS)
def test_each_call_gives_tools_that_descend_from_no_other(make: Callable[[], Toolset]) -> None:
    lineages = {tool.lineage for tool in make()}

    assert len(lineages) == len(make())
    assert lineages.isdisjoint(tool.lineage for tool in make())


def test_baseline_tools_really_work(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        context = CallContext(files=workspace, session_id="s", roles=("coder",))

        def call(name: str, **arguments: object) -> dict[str, object]:
            return asyncio.run(ToolRuntimeExecutor().invoke(baseline()[name], arguments, context)).as_dict()

        issue = call("create_issue", seat="coder", summary="Write it")["issue_id"]
        context.extra = {"issue_id": issue}
        call("add_issue_comment", comment="begun")

        assert call("update_issue_status", status="In_Progress")["status"] == "in_progress"
        assert call("get_issue_context") == {
            "ok": True,
            "status": "in_progress",
            "summary": "Write it",
            "comments": ["coder: begun"],
        }
        assert call("write_file", path="a/b.txt", content={"x": 1}) == {"ok": True, "path": "a/b.txt"}
        assert call("list_directory") == {"ok": True, "items": ["a", "cards.sqlite"]}
        assert call("promote_prompt", seat="../x", content="") == {
            "ok": False,
            "code": "failed",
            "error": "'../x' cannot be the name of a file: use letters, digits, '_', '-' and '.'",
        }
