"""The record of a proof: written, found again, and read with suspicion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orket.core.errors import OrketError
from orket.core.evidence import Bytes, Check, Evidence, Found, Installed, find, write
from orket.core.family import NodeRef

REF = NodeRef("orket.tool_strategy", "reviewer", "acme:Reviewer", "acme", "1.0", "/site/acme-1.0.dist-info")
HASH = "1" * 64


def measured(digest: str = "a" * 64) -> Installed:
    return Installed(
        payload=Bytes("1.0", f"sha256:{digest}", {"acme.py": HASH}),
        dependencies={"beta": Bytes("2.1", f"sha256:{'b' * 64}", {"beta.py": HASH})},
        contract=1,
        profile=("pure", "closed"),
        platform="3.11 linux x86_64",
    )


def proof(digest: str = "a" * 64, time: float = 100.0, node: str = REF.identity) -> Evidence:
    checks = (Check("pure", "passed"), Check("closed", "failed", "it invents 'x'"))
    return Evidence(node, measured(digest), checks, {"time": time, "seed": 7, "testkit": "0.1.0"})


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "evidence")


def test_what_was_written_is_found_again(folder: str) -> None:
    write(folder, REF, proof())
    assert find(folder, REF, measured()) == Found(proof())


def test_a_file_is_named_by_family_distribution_node_and_payload(folder: str) -> None:
    assert write(folder, REF, proof("0123456789abcdef" * 4)) == (
        f"{folder}/tool_strategy/acme.reviewer.0123456789ab.json"
    )


def test_a_file_is_canonical_json(folder: str) -> None:
    """Sorted, indented by one, plain ASCII, a newline at the end: equal proofs are equal files, fit to be committed."""
    small = Evidence(
        REF.identity,
        Installed(Bytes("1.0", f"sha256:{'a' * 64}", {"é.py": HASH}), {}, 1, ("pure",)),
        (Check("pure", "passed"),),
        {"time": 1.5},
    )
    assert Path(write(folder, REF, small)).read_text(encoding="ascii") == (
        "{\n"
        ' "checks": [\n'
        "  {\n"
        '   "detail": "",\n'
        '   "id": "pure",\n'
        '   "status": "passed"\n'
        "  }\n"
        " ],\n"
        ' "contract": 1,\n'
        ' "dependencies": {},\n'
        ' "editable": false,\n'
        ' "format": 1,\n'
        ' "node": "tool_strategy/acme:reviewer",\n'
        ' "payload": {\n'
        f'  "digest": "sha256:{"a" * 64}",\n'
        '  "files": {\n'
        f'   "\\u00e9.py": "{HASH}"\n'
        "  },\n"
        '  "version": "1.0"\n'
        " },\n"
        ' "platform": "",\n'
        ' "profile": [\n'
        '  "pure"\n'
        " ],\n"
        ' "recorded": {\n'
        '  "time": 1.5\n'
        " }\n"
        "}\n"
    )


def test_a_proof_that_json_cannot_say_leaves_no_file_behind(folder: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        write(folder, REF, proof()._replace(recorded={"seed": object()}))
    assert list(tmp_path.rglob("*.*")) == []


def test_a_newer_proof_of_the_same_bytes_takes_the_place_of_the_older(folder: str) -> None:
    assert write(folder, REF, proof(time=1.0)) == write(folder, REF, proof(time=2.0))
    found = find(folder, REF, measured()).evidence
    assert found is not None
    assert found.time == 2.0


# Found


def test_a_proof_of_exactly_these_bytes_is_found_before_a_newer_one_of_others(folder: str) -> None:
    write(folder, REF, proof("a" * 64, time=1.0))
    write(folder, REF, proof("c" * 64, time=9.0))
    assert find(folder, REF, measured("a" * 64)).evidence == proof("a" * 64, time=1.0)


def test_without_a_proof_of_these_bytes_the_newest_of_others_is_found(folder: str) -> None:
    write(folder, REF, proof("c" * 64, time=9.0))
    write(folder, REF, proof("d" * 64, time=5.0))
    assert find(folder, REF, measured("a" * 64)).evidence == proof("c" * 64, time=9.0)


def test_without_a_folder_nothing_is_found(folder: str) -> None:
    assert find(folder, REF, measured()) == Found()


def test_a_file_in_place_of_the_folder_holds_nothing(folder: str) -> None:
    Path(folder).write_text("")
    assert find(folder, REF, measured()) == Found()


def test_a_proof_of_another_node_is_not_found_whatever_its_file_is_called(folder: str) -> None:
    write(folder, REF, proof(node="tool_strategy/acme:other"))
    assert find(folder, REF, measured()) == Found()


def test_files_of_other_nodes_and_of_editors_are_not_read(folder: str) -> None:
    write(folder, REF, proof())
    for name in ("acme.other.aaaaaaaaaaaa.json", "acme.reviewer.aaaaaaaaaaaa.json.orig", "notes.txt"):
        (Path(folder) / "tool_strategy" / name).write_text("{")
    assert find(folder, REF, measured()) == Found(proof())


# Damaged


def damaged(folder: str, **changes: object) -> str:
    """What is said of an evidence file in which these fields are changed."""
    file = Path(write(folder, REF, proof()))
    plain = json.loads(file.read_text())
    file.write_text(json.dumps({**plain, **changes}))
    return said(folder, file)


def said(folder: str, file: Path) -> str:
    """What is said of the one evidence file, which is none."""
    evidence, (reason,) = find(folder, REF, measured())
    assert evidence is None
    assert reason.endswith(f", so this is no evidence: {file}")
    return reason.removesuffix(f", so this is no evidence: {file}")


def test_a_damaged_file_is_no_evidence_and_named_with_the_reason(folder: str) -> None:
    file = Path(write(folder, REF, proof()))
    file.write_text("{")
    assert said(folder, file) == (
        "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    )


def test_a_damaged_file_takes_nothing_from_the_evidence_beside_it(folder: str) -> None:
    write(folder, REF, proof())
    file = Path(folder) / "tool_strategy/acme.reviewer.cccccccccccc.json"
    file.write_bytes(b"\xff")
    reason = "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    assert find(folder, REF, measured()) == Found(proof(), (f"{reason}, so this is no evidence: {file}",))


def test_a_file_of_another_format_is_told(folder: str) -> None:
    assert damaged(folder, format=2) == "ValueError: format 2, where this version reads 1"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payload", []),
        ("payload", {"version": "1.0", "digest": "x", "files": []}),
        ("payload", {"version": "1.0", "files": {}}),
        ("dependencies", []),
        ("contract", "one"),
        ("contract", None),
        ("contract", float("inf")),
        ("profile", None),
        ("checks", [1]),
        ("checks", [{"id": "pure"}]),
        ("checks", {"pure": "passed"}),
        ("recorded", 1),
    ],
)
def test_a_field_of_another_shape_is_told(field: str, value: object, folder: str) -> None:
    assert damaged(folder, **{field: value})


@pytest.mark.parametrize(
    "field",
    ["node", "payload", "dependencies", "contract", "profile", "platform", "editable", "checks", "recorded"],
)
def test_a_field_that_is_gone_is_told(field: str, folder: str) -> None:
    file = Path(write(folder, REF, proof()))
    plain = json.loads(file.read_text())
    del plain[field]
    file.write_text(json.dumps(plain))
    assert said(folder, file) == f"KeyError: '{field}'"


def test_a_list_is_no_evidence(folder: str) -> None:
    file = Path(write(folder, REF, proof()))
    file.write_text("[]")
    assert said(folder, file).startswith("TypeError: ")


def test_a_folder_that_cannot_be_read_is_told(folder: str) -> None:
    Path(folder).mkdir()
    (Path(folder) / "tool_strategy").symlink_to("tool_strategy")
    with pytest.raises(OrketError) as caught:
        find(folder, REF, measured())
    assert str(caught.value) == (
        "error: gate-failed\n"
        "  Evidence cannot be looked for: Too many levels of symbolic links.\n"
        f"  looked in: {folder}/tool_strategy\n"
        "  hint:      correct the folder, or its permissions"
    )


def test_a_time_that_was_not_recorded_counts_as_long_ago() -> None:
    assert proof()._replace(recorded={}).time == 0.0
    assert proof()._replace(recorded={"time": "yesterday"}).time == 0.0
