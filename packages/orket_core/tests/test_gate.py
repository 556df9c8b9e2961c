"""The verdict over a node: counted from its checks, compared with what is installed, before it is imported.

The gate catches drift, accident and careless updates. It does not stop a hostile author.
"""

from __future__ import annotations

import pytest

from orket.core.evidence import Bytes, Check, Evidence, Installed
from orket.core.family import NodeRef
from orket.core.gate import Policy, Verdict, verdict

REF = NodeRef("orket.tool_strategy", "reviewer", "acme:Reviewer", "acme", "1.0", "/site/acme-1.0.dist-info")
DAY = 86_400.0
NOW = 100 * DAY
ENFORCE = Policy()


def bytes_of(version: str, **files: str) -> Bytes:
    digest = "+".join(f"{name}={files[name]}" for name in sorted(files))
    return Bytes(version, digest, {f"{name}.py": content * 64 for name, content in files.items()})


ACME = bytes_of("1.0", acme="1", helper="2")
BETA = bytes_of("2.0", beta="3")
CURRENT = Installed(ACME, {"beta": BETA}, 1, ("pure", "closed"), "3.11 linux x86_64")
PASSED = (Check("pure", "passed"), Check("closed", "passed"))
PROOF = Evidence(REF.identity, CURRENT, PASSED, {"time": NOW - 2 * DAY})


def judged(
    evidence: Evidence | None = PROOF, current: Installed | None = CURRENT, policy: Policy = ENFORCE
) -> Verdict:
    return verdict(REF, current, evidence, policy, NOW)


def about(installed: Installed) -> Evidence:
    """Evidence of the time when this was installed."""
    return PROOF._replace(installed=installed)


# Each verdict


def test_the_default_of_a_family_is_the_control_and_needs_no_evidence() -> None:
    assert judged(evidence=None, current=None) == Verdict("control")


def test_fresh_passing_evidence_allows() -> None:
    assert judged() == Verdict("allowed", age_days=2.0)


def test_without_evidence_it_is_missing() -> None:
    assert judged(None) == Verdict("missing")


def test_evidence_of_another_node_is_none() -> None:
    assert judged(PROOF._replace(node="tool_strategy/acme:other")) == Verdict("missing")


def test_evidence_for_another_contract_is_stale() -> None:
    assert judged(about(CURRENT._replace(contract=0))) == Verdict(
        "stale", "enforce", "contract", "0", "1", age_days=2.0
    )


def test_evidence_for_an_older_profile_is_stale() -> None:
    assert judged(about(CURRENT._replace(profile=("pure",)))) == Verdict(
        "stale", "enforce", "profile", "pure", "pure, closed", age_days=2.0
    )


def test_evidence_of_another_platform_is_stale() -> None:
    assert judged(about(CURRENT._replace(platform="3.12 linux x86_64"))) == Verdict(
        "stale", "enforce", "platform", "3.12 linux x86_64", "3.11 linux x86_64", age_days=2.0
    )


def test_evidence_for_other_bytes_is_stale_and_names_the_file() -> None:
    assert judged(about(CURRENT._replace(payload=bytes_of("1.0", acme="9", helper="2")))) == Verdict(
        "stale", "enforce", "payload: acme.py", "sha256:999999999999", "sha256:111111111111", age_days=2.0
    )


def test_a_file_that_is_new_or_gone_makes_evidence_stale() -> None:
    fewer, more = (
        about(CURRENT._replace(payload=bytes_of("1.0", acme="1"))),
        about(CURRENT._replace(payload=bytes_of("1.0", acme="1", helper="2", z="5"))),
    )
    assert judged(fewer) == Verdict(
        "stale", "enforce", "payload: helper.py", "no such file", "sha256:222222222222", age_days=2.0
    )
    assert judged(more) == Verdict(
        "stale", "enforce", "payload: z.py", "sha256:555555555555", "no such file", age_days=2.0
    )


def test_another_version_of_the_same_bytes_is_stale() -> None:
    assert judged(about(CURRENT._replace(payload=bytes_of("0.9", acme="1", helper="2")))) == Verdict(
        "stale", "enforce", "payload", "0.9 acme=1+helper=2", "1.0 acme=1+helper=2", age_days=2.0
    )


def test_a_changed_dependency_makes_evidence_stale() -> None:
    assert judged(about(CURRENT._replace(dependencies={"beta": bytes_of("2.0", beta="4")}))) == Verdict(
        "stale",
        "enforce",
        "dependency beta: beta.py",
        "sha256:444444444444",
        "sha256:333333333333",
        age_days=2.0,
    )


def test_an_added_dependency_makes_evidence_stale() -> None:
    assert judged(about(CURRENT._replace(dependencies={}))) == Verdict(
        "stale", "enforce", "dependency beta", "none", "2.0", age_days=2.0
    )


def test_a_removed_dependency_makes_evidence_stale() -> None:
    assert judged(about(CURRENT._replace(dependencies={"beta": BETA, "gamma": BETA}))) == Verdict(
        "stale", "enforce", "dependency gamma", "2.0", "none", age_days=2.0
    )


@pytest.mark.parametrize(
    ("checks", "reasons"),
    [
        ((), ("pure: missing", "closed: missing")),
        (PASSED[:1], ("closed: missing",)),
        ((*PASSED, Check("pure", "passed")), ("pure: recorded 2 times",)),
        ((*PASSED, Check("closed", "failed")), ("closed: recorded 2 times",)),
        ((PASSED[0], Check("closed", "failed", "it invents 'x'")), ("closed: failed",)),
        ((PASSED[0], Check("closed", "error")), ("closed: error",)),
        ((PASSED[0], Check("closed", "pending")), ("closed: pending",)),
        ((PASSED[0], Check("closed", "missing")), ("closed: missing",)),
        ((PASSED[0], Check("closed", "skipped")), ("closed: skipped",)),
        ((PASSED[0], Check("closed", "PASSED")), ("closed: PASSED",)),
        ((PASSED[0], Check("closed ", "passed")), ("closed: missing",)),
    ],
)
def test_each_required_check_must_be_there_once_and_passed(
    checks: tuple[Check, ...], reasons: tuple[str, ...]
) -> None:
    assert judged(PROOF._replace(checks=checks)) == Verdict("failed", checks=reasons, age_days=2.0)


def test_a_change_that_nobody_accepted_has_a_verdict_of_its_own() -> None:
    checks = (Check("pure", "passed"), Check("closed", "unaccepted-change"))
    assert judged(PROOF._replace(checks=checks)) == Verdict(
        "unaccepted-change", checks=("closed: unaccepted-change",), age_days=2.0
    )


def test_a_check_that_is_not_required_decides_nothing() -> None:
    assert judged(PROOF._replace(checks=(*PASSED, Check("brand-new", "failed")))).judgement == "allowed"


def test_the_order_of_checks_decides_nothing() -> None:
    assert judged(PROOF._replace(checks=tuple(reversed(PASSED)))).judgement == "allowed"


UNFIT = CURRENT._replace(unfit=("acme/patch.py: importable, and unknown to RECORD",))


def test_what_no_evidence_can_be_about_fails_whatever_the_evidence_says() -> None:
    assert judged(current=UNFIT) == Verdict(
        "failed", checks=("acme/patch.py: importable, and unknown to RECORD",)
    )


DAMAGED = ("ValueError: format 2, so this is no evidence: /app/.orket/evidence/old.json",)


def test_a_damaged_file_beside_passing_evidence_is_named_and_decides_nothing() -> None:
    beside = verdict(REF, CURRENT, PROOF, ENFORCE, NOW, DAMAGED)
    assert beside == Verdict("allowed", age_days=2.0, damaged=DAMAGED)
    assert beside.as_dict()["damaged"] == list(DAMAGED)
    assert list(beside.warnings(REF)) == list(DAMAGED)


def test_a_damaged_file_alone_fails_and_does_not_count_as_missing() -> None:
    assert verdict(REF, CURRENT, None, ENFORCE, NOW, DAMAGED) == Verdict("failed", damaged=DAMAGED)


# What a file says of itself


def test_a_stored_summary_is_ignored() -> None:
    recorded = {**PROOF.recorded, "verdict": "allowed", "passed": True, "summary": {"failed": 0}}
    assert judged(PROOF._replace(checks=(), recorded=recorded)).judgement == "failed"


def test_a_consistently_forged_file_is_accepted() -> None:
    """Evidence is not signed: who can write site-packages can write evidence too, and core itself."""
    forged = Evidence(REF.identity, CURRENT, tuple(Check(name, "passed") for name in CURRENT.profile), {})
    assert judged(forged).passes


# Age


def test_age_is_shown_and_refuses_nothing_by_itself() -> None:
    old = PROOF._replace(recorded={"time": 0.0})
    assert judged(old) == Verdict("allowed", age_days=100.0)


def test_evidence_older_than_the_policy_allows_is_stale() -> None:
    assert judged(policy=Policy(max_age_days=1.5)) == Verdict(
        "stale", "enforce", "age", "at most 1.5 days", "2 days", age_days=2.0
    )
    assert judged(policy=Policy(max_age_days=2.0)).judgement == "allowed"


def test_evidence_from_the_future_is_new() -> None:
    assert judged(PROOF._replace(recorded={"time": NOW + DAY})).age_days == 0.0


# What follows


def test_only_proved_nodes_pass_where_the_gate_is_enforced() -> None:
    verdicts = [
        judged(evidence=None, current=None),
        judged(),
        judged(None),
        judged(about(CURRENT._replace(contract=0))),
    ]
    assert [one.passes for one in verdicts] == [True, True, False, False]
    assert [one.proved for one in verdicts] == [True, True, False, False]


def test_where_the_gate_only_warns_every_node_passes_and_none_counts_as_proved_for_it() -> None:
    warned = judged(None, policy=Policy("warn"))
    assert (warned.judgement, warned.passes, warned.proved) == ("missing", True, False)


def test_a_verdict_is_told_as_json_without_what_says_nothing() -> None:
    assert judged(None).as_dict() == {"mode": "enforce", "verdict": "missing"}
    assert judged().as_dict() == {"mode": "enforce", "verdict": "allowed", "age_days": 2.0}
    assert judged(about(CURRENT._replace(contract=0)), policy=Policy("warn")).as_dict() == {
        "mode": "warn",
        "verdict": "stale",
        "field": "contract",
        "expected": "0",
        "found": "1",
        "age_days": 2.0,
    }
    assert judged(PROOF._replace(checks=PASSED[:1])).as_dict() == {
        "mode": "enforce",
        "verdict": "failed",
        "checks": ["closed: missing"],
        "age_days": 2.0,
    }


def refusal(refused: Verdict) -> str:
    return refused.refusal(REF, "ORKET_TOOL_STRATEGY_NODE (environment)", "/app/.orket/evidence").render()


def test_missing_evidence_is_refused_with_the_command_that_makes_it() -> None:
    assert refusal(judged(None)) == (
        "error: gate-missing\n"
        "  Nothing proves that node 'reviewer' keeps its contract.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/.orket/evidence\n"
        "  found:     no evidence\n"
        "  hint:      prove it: orket prove reviewer"
    )


def test_stale_evidence_is_refused_with_the_field_that_differs() -> None:
    assert refusal(judged(about(CURRENT._replace(contract=0)))) == (
        "error: gate-stale\n"
        "  The evidence for node 'reviewer' is about something else: contract.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/.orket/evidence\n"
        "  found:     1, where the evidence has 0\n"
        "  hint:      prove it: orket prove reviewer"
    )


def test_failing_evidence_is_refused_with_the_checks_that_fail() -> None:
    assert refusal(judged(PROOF._replace(checks=(Check("pure", "failed"),)))) == (
        "error: gate-failed\n"
        "  The evidence for node 'reviewer' does not pass.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/.orket/evidence\n"
        "  found:     pure: failed; closed: missing\n"
        "  hint:      prove it: orket prove reviewer"
    )


def test_what_no_evidence_can_be_about_is_refused_with_what_is_to_be_installed_again() -> None:
    """Not with the command that proves it: that would say the same."""
    assert refusal(judged(current=UNFIT)) == (
        "error: gate-failed\n"
        "  As it is installed, no evidence can be about all that would run as node 'reviewer'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /site/acme-1.0.dist-info\n"
        "  found:     acme/patch.py: importable, and unknown to RECORD\n"
        "  hint:      install 'acme' and what it needs again, from wheels"
    )


@pytest.mark.parametrize(
    ("evidence", "headline", "also_found"),
    [
        (None, "gate-failed\n  The evidence for node 'reviewer' does not pass.", ""),
        (
            about(CURRENT._replace(contract=0)),
            "gate-stale\n  The evidence for node 'reviewer' is about something else: contract.",
            "1, where the evidence has 0; ",
        ),
    ],
)
def test_a_refusal_names_damaged_files_and_says_to_delete_them(
    evidence: Evidence | None, headline: str, also_found: str
) -> None:
    assert refusal(verdict(REF, CURRENT, evidence, ENFORCE, NOW, DAMAGED)) == (
        f"error: {headline}\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/.orket/evidence\n"
        f"  found:     {also_found}ValueError: format 2, so this is no evidence: /app/.orket/evidence/old.json\n"
        "  hint:      delete what is no evidence, and prove it: orket prove reviewer"
    )
