"""A record that is wrong in any way gets the verdict that says so."""

from __future__ import annotations

import pytest

from orket.core import TOOL_STRATEGY
from orket.testkit.zoo.gate import FAULTS, Fault, verdict_of
from orket.testkit.zoo.sites import site

BY_NAME = {fault.name: fault for fault in FAULTS}
HARMLESS = {
    "nothing",
    "half a record beside a whole one",
    "edited bytecode, which never runs",
    "another patch of core",
    "a record forged as a whole, which nothing can tell",
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_each_fault_gets_its_verdict(fault: Fault) -> None:
    verdict, says = verdict_of(fault)

    assert (verdict, says[: len(fault.says)]) == (fault.verdict, fault.says)


def test_only_what_changes_nothing_that_runs_or_cannot_be_told_is_allowed() -> None:
    assert {fault.name for fault in FAULTS if fault.verdict == "allowed"} == HARMLESS


def test_each_required_check_has_to_be_in_the_record() -> None:
    for check in TOOL_STRATEGY.checks:
        with site() as made:
            with made.recorded() as record:
                record["checks"] = [each for each in record["checks"] if each["id"] != check]

            assert made.verdict() == ("failed", f"{check}: missing")


def test_a_record_that_is_forged_consistently_is_accepted() -> None:
    """Records are not signed: the gate catches drift and accident, not whoever can write what it reads."""
    with site() as made:
        made.put("acme_node/__init__.py", "raise SystemExit\n")
        assert made.verdict()[0] == "stale"

        BY_NAME["a record forged as a whole, which nothing can tell"].make(made)

        assert made.verdict() == ("allowed", "")


def test_edited_bytecode_runs_in_plain_python_and_not_in_orket() -> None:
    activating = (
        "import acme_helper\n"
        "from orket.core import TOOL_STRATEGY, Settings, activate, discover\n"
        "rules = {{'tool_strategy_node': 'acme-node'}}\n"
        "settings = Settings({{'process_rules': rules, 'gate': {{'evidence': {evidence!r}}}}})\n"
        "del __import__('sys').modules['acme_helper']\n"
        "plain = acme_helper.WORD\n"
        "activate(TOOL_STRATEGY, settings, discover())\n"
        "import acme_helper\n"
        "print(plain, acme_helper.WORD)\n"
    )
    with site() as made:
        BY_NAME["edited bytecode, which never runs"].make(made)

        assert made.run(activating.format(evidence=made.evidence)) == "edited judged"
