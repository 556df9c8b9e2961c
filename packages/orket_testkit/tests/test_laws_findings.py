"""What the laws say to the author of a node."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from orket.core import NodeRef
from orket.testkit.checks import laws_of
from orket.testkit.subject import Plan, Subject
from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from pathlib import Path

    from orket.testkit.findings import Finding
    from orket.testkit.isolation import Isolation

PLAN = Plan(examples=5)
HASTY = PLAN._replace(seconds=6)


def finding_on(name: str, isolation: Isolation, plan: Plan = PLAN) -> Finding:
    entry = next(entry for entry in MUTANTS if entry.name == name)
    return isolation.run(laws_of("tool_strategy")[entry.rejected_by], subject_of(entry), plan)._replace(
        seconds=0
    )


FOUND = {
    "forgets-to-return": "compose gave a NoneType",
    "needs-an-argument": "it cannot be made: Node 'orket-zoo:needs-an-argument' could not be built. "
    "TypeError: NeedsAnArgument.__init__() missing 1 required positional argument: 'table'",
    "orders-by-hash": "with another hash seed, it had 'report_credits' in the place of 'promote_prompt'",
    "asks-the-environment": "with another environment, it added 'write_file'",
    "tells-the-folder": "in another folder and another home, "
    "'read_file' had another description, schema, effect or policy",
    "tells-the-process": "in another process, 'read_file' had another description, schema, effect or policy",
    "shares-by-role": "after other composes, it left out 'read_file'",
    "adds-to-what-is-cached": "after other composes, it left out 'read_file'",
    "prints": "compose printed 'Toolset(read_file)\\n'",
    "leaves-a-mark": "compose changed the context that it was given: "
    '[null, [], null, 0, {}] became [null, [], null, 0, {"acme": "was here"}]',
    "starts-a-program": "compose started a program (subprocess.Popen: true)",
    "starts-a-thread": "compose started a thread",
    "connects": "compose used the network (socket.__new__)",
    "keeps-the-first": "'read_file' is a tool of an earlier toolset",
    "grows-tired": "at compose number 12 of the same node, it left out 'write_file'",
    "keeps-the-sessions-role": "after another compose, it added 'write_file'",
    "makes-its-tool-once": "'acme_find' holds on to an earlier toolset or context",
    "knows-the-latest": "'acme_find', offered before, holds on to a later toolset or context",
    "adds-its-own": "'acme_note' descends from no tool of the application, and is not declared in 'provides'",
    "asks-nobody": "'sync-choices-any' needs no approval any more",
    "lets-them-out": "'sync-choices-any' runs unconfined, which it may not",
    "dots-names": "a tool is called 'acme.read_file'",
    "two-names": "the tool 'read_file_2' stands under the name 'read_file'",
    "foreign-property": "'acme_note' has an argument 'größe', a name that providers refuse",
    "far-reference": "'acme_note' has a schema that refers to 'https://schemas.example/place.json', "
    "which is not in it",
    "calls-them-async": "'read_file' is sync and is offered as async",
    "needs-a-known-role": "compose raised KeyError: 'no such role'",
    "never-ends": "compose did not end within 0.5 seconds",
    "puts-the-context-aside": "while another compose of the same node was under way, it left out 'write_file'",
    "reads-in-the-morning": "at 2033-07-04T03:30:31+00:00, it left out 'write_file'",
    "warms-up": "at 2033-07-04T03:30:31+00:00, by a node made at 2020-02-29T23:59:58+00:00, it added 'write_file'",
    "looks-for-a-loop": "inside a running event loop, it left out 'write_file'",
    "takes-anything": "{'no such': {'key': None}} for 'limit' is accepted",
    "promises-another-order": "it offered read_file, write_file",
    "has-no-cases": "vacuous: it has options, "
    "and no case in which it offers anything but what the default node offers",
    "is-deaf": "a call of 'acme_deaf' did not end, long after its deadline",
    "goes-on": "a call of 'acme_stubborn' after its caller went away went on, and gave 'ok'",
    "ends-the-process": "it ended the process with exit code 3",
    "import-raises": "importing it raised LookupError: no such service",
    "import-ends": "it ended the process with exit code 3",
    "import-hangs": "it did not end within 6 seconds",
    "import-floods": "importing it printed 5,000,000 bytes",
    "import-handles": "importing it changed signal handlers",
    "prints-beside": "compose printed 'Toolset(read_file)\\n'",
    "sets-up-logging": "compose changed the root logger",
    "seeds-the-dice": "compose seeded the random numbers of the whole process",
    "import-trusts": "importing it changed Python itself",
    "import-patches": "importing it changed Orket itself",
}


@pytest.mark.parametrize(("name", "found"), FOUND.items(), ids=FOUND)
def test_it_says_what_happened(name: str, found: str, isolation: Isolation) -> None:
    plan = HASTY if "did not end" in found else PLAN

    assert finding_on(name, isolation, plan).found == found


def test_it_says_the_law_what_is_expected_and_the_smallest_circumstance(isolation: Isolation) -> None:
    finding = finding_on("calls-it-read", isolation)

    assert finding.sentence == (
        "No tool offered has wider effects, a longer timeout, less approval or a looser limit than before."
    )
    assert finding.expected == "tools that may do no more, and as safely, as those given"
    assert finding.trace == {"options": {}, "roles": [], "toolset": "baseline"}


def test_every_law_is_one_sentence() -> None:
    for law in laws_of("tool_strategy").values():
        assert law.sentence.endswith(".")
        assert "\n" not in law.sentence


@pytest.mark.parametrize(
    "name",
    [
        "calls-it-read",
        "needs-a-known-role",
        "calls-them-sync",
        "tells-the-folder",
        "keeps-the-role",
        "grows-tired",
    ],
)
def test_a_trace_shows_the_same_again(name: str, isolation: Isolation) -> None:
    finding = finding_on(name, isolation)

    assert finding_on(name, isolation, PLAN._replace(replay=finding.trace)) == finding


def test_the_same_plan_finds_the_same(isolation: Isolation) -> None:
    assert finding_on("refuses-in-private", isolation) == finding_on("refuses-in-private", isolation)


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application with a tool, and a node that widens just that one."""
    tmp_path.joinpath("acme_shop.py").write_text(
        "from pathlib import Path\n"
        "from orket.core import Toolset, hookimpl, tool\n\n"
        "def crm_get(customer: str) -> str:\n"
        "    Path(__file__).with_name('called').touch()\n"
        "    return customer\n\n"
        "def tools():\n"
        "    return Toolset([tool(effects={'read'})(crm_get)])\n\n"
        "class Widens:\n"
        "    @hookimpl\n"
        "    def compose(self, toolset, context):\n"
        "        return toolset.map(lambda t: t.with_(approval=False, retry=9) if t.name == 'crm_get' else t)\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def test_an_applications_own_tools_are_composed_and_never_called(
    application: Path, isolation: Isolation
) -> None:
    subject = Subject(NodeRef("orket.tool_strategy", "widens", "acme_shop:Widens", "acme", "1", ""))
    law = laws_of("tool_strategy")["never-widens"]

    assert isolation.run(law, subject, PLAN).passed

    finding = isolation.run(law, subject, PLAN._replace(toolset="acme_shop:tools"))

    assert finding.found == "'crm_get' has a retry of 9, where it had 0"
    assert finding.trace == {"options": {}, "roles": [], "toolset": "application"}
    assert not application.joinpath("called").exists()


def test_a_node_that_cannot_be_made_is_silent_before_every_law_but_one(isolation: Isolation) -> None:
    subject = Subject(NodeRef("orket.tool_strategy", "lost", "orket.core.defaults:Lost", "acme", "1", ""))

    finding = isolation.run(laws_of("tool_strategy")["returns-toolset"], subject, PLAN)

    assert finding.found.startswith(
        "it cannot be made: Node 'acme:lost' could not be imported. AttributeError: "
    )
