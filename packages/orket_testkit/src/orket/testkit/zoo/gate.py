"""Every way in which a record can be wrong, and the verdict that each must get."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from orket.core import TOOL_STRATEGY
from orket.testkit.zoo.sites import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.zoo.sites import Site

__all__ = ["FAULTS", "Fault", "verdict_of"]


class Fault(NamedTuple):
    """One thing that is wrong with a record or with what it is about."""

    name: str
    """What is done to a node that is installed and recorded as proved."""
    make: Callable[[Site], None]
    verdict: str
    """The verdict it must get, or the code of the error."""
    says: str = ""
    """The field that is stale, or the checks that do not pass."""


def verdict_of(fault: Fault) -> tuple[str, str]:
    """The verdict that a fault gets, and what it says."""
    with site() as made:
        fault.make(made)
        return made.verdict()


def _change_nothing(_: Site) -> None:
    """Without it nobody would know that the faults are what the verdicts are for."""


def _remove_record(site: Site) -> None:
    os.remove(site.record)


def _make_it_of_another_node(site: Site) -> None:
    with site.recorded() as record:
        record["node"] = "tool_strategy/acme-node:another"


def _leave_a_check_out(site: Site) -> None:
    with site.recorded() as record:
        record["checks"] = [check for check in record["checks"] if check["id"] != "pure"]


def _record_a_check_twice(site: Site) -> None:
    with site.recorded() as record:
        record["checks"].append({"id": "pure", "status": "passed", "detail": ""})


def _leave_all_checks_out(site: Site) -> None:
    with site.recorded() as record:
        record["checks"] = []


def _set(status: str) -> Callable[[Site], None]:
    def set_status(site: Site) -> None:
        with site.recorded() as record:
            for check in record["checks"]:
                if check["id"] == "pure":
                    check["status"] = status

    return set_status


def _say_in_summary_that_it_passed(site: Site) -> None:
    with site.recorded() as record:
        record |= {"passed": True, "verdict": "allowed", "summary": "18 of 18"}
        record["recorded"] |= {"passed": True, "verdict": "allowed"}
        record["checks"][0]["status"] = "failed"


def _age_its_profile(site: Site) -> None:
    with site.recorded() as record:
        record["profile"] = record["profile"][:-1]
        record["checks"] = record["checks"][:-1]


def _change_its_contract(site: Site) -> None:
    with site.recorded() as record:
        record["contract"] = 0


def _cut_it_off(site: Site) -> None:
    with open(site.record, "r+", encoding="utf-8") as stream:
        stream.truncate(100)


def _put_half_a_record_beside_it(site: Site) -> None:
    whole = site.record
    shutil.copy(whole, f"{whole.removesuffix('.json')}0.json")
    with open(whole, "r+", encoding="utf-8") as stream:
        stream.truncate(100)


def _say_another_format(site: Site) -> None:
    with site.recorded() as record:
        record["format"] = 2


def _change_a_byte_of_the_node(site: Site) -> None:
    site.append("acme_node/__init__.py", "\n")


def _change_its_declaration(site: Site) -> None:
    site.append("acme_node/orket-node.toml", 'provides = ["anything"]\n')


def _add_an_importable_file(site: Site) -> None:
    site.put("acme_node/more.py", "")


def _change_the_dependency(site: Site) -> None:
    site.append("acme_helper/__init__.py", "\n")


def _remove_the_dependency(site: Site) -> None:
    shutil.rmtree(os.path.join(site.packages, "acme_helper-1.0.dist-info"))


def _edit_the_bytecode(site: Site) -> None:
    """Put another program's bytecode where Python would take it for the helper's, source time and size included."""
    site.run(
        "import marshal, pathlib, py_compile, acme_helper\n"
        "cache = pathlib.Path(py_compile.compile(acme_helper.__file__))\n"
        "head = cache.read_bytes()[:16]\n"
        "cache.write_bytes(head + marshal.dumps(compile(\"WORD = 'edited'\", 'x', 'exec')))\n"
    )


def _patch_core(site: Site) -> None:
    with site.recorded() as record:
        record["recorded"] |= {"core": "0.1.99", "testkit": "0.1.99"}


def _forge_it(site: Site) -> None:
    """Write the record anew for other bytes: whoever can do that can also write core."""
    os.remove(site.record)
    site.put("acme_node/__init__.py", "raise SystemExit\n")
    site.certify()


_EVERY = TOOL_STRATEGY.checks

FAULTS = (
    Fault("nothing", _change_nothing, "allowed"),
    Fault("no record", _remove_record, "missing"),
    Fault("a record of another node", _make_it_of_another_node, "missing"),
    Fault("a check is missing", _leave_a_check_out, "failed", "pure: missing"),
    Fault("a check is there twice", _record_a_check_twice, "failed", "pure: recorded 2 times"),
    Fault("no checks", _leave_all_checks_out, "failed", "; ".join(f"{check}: missing" for check in _EVERY)),
    Fault("a check failed", _set("failed"), "failed", "pure: failed"),
    Fault("a check broke", _set("error"), "failed", "pure: error"),
    Fault("a check is of a later profile", _set("pending"), "failed", "pure: pending"),
    Fault("a check has a status of its own", _set("PASSED"), "failed", "pure: PASSED"),
    Fault(
        "a difference that nothing declares",
        _set("unaccepted-change"),
        "unaccepted-change",
        "pure: unaccepted-change",
    ),
    Fault("a summary against its checks", _say_in_summary_that_it_passed, "failed", f"{_EVERY[0]}: failed"),
    Fault("an older profile", _age_its_profile, "stale", "profile"),
    Fault("another contract", _change_its_contract, "stale", "contract"),
    Fault("half a record", _cut_it_off, "failed", "JSONDecodeError: "),
    Fault("half a record beside a whole one", _put_half_a_record_beside_it, "allowed", "JSONDecodeError: "),
    Fault(
        "a record of another format",
        _say_another_format,
        "failed",
        "ValueError: format 2, where this version reads 1, so this is no evidence: ",
    ),
    Fault("another byte of the node", _change_a_byte_of_the_node, "stale", "payload: acme_node/__init__.py"),
    Fault("another declaration", _change_its_declaration, "stale", "payload: acme_node/orket-node.toml"),
    Fault(
        "one importable file more",
        _add_an_importable_file,
        "failed",
        "acme_node/more.py: importable, and unknown to RECORD",
    ),
    Fault(
        "another byte of a dependency",
        _change_the_dependency,
        "stale",
        "dependency acme-helper: acme_helper/__init__.py",
    ),
    Fault("a dependency less", _remove_the_dependency, "stale", "dependency acme-helper"),
    Fault("edited bytecode, which never runs", _edit_the_bytecode, "allowed"),
    Fault("another patch of core", _patch_core, "allowed"),
    Fault("a record forged as a whole, which nothing can tell", _forge_it, "allowed"),
)
