"""What a node says of itself before it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.core.declaration import Declaration, declaration
from orket.core.errors import ResolutionError
from orket.core.family import NodeRef

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[reviewer]
contract = 1
provides = ["write_file"]

[[reviewer.case]]
roles = ["reviewer"]
expect = ["read_file"]

[[reviewer.change]]
id = "no-writes"
kind = "removed"

[other]
contract = 2
"""


def ref(value: str = "acme.strategy:Reviewer", name: str = "reviewer") -> NodeRef:
    return NodeRef("orket.tool_strategy", name, value, "acme", "1.0", "/site/acme-1.0.dist-info")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orket-node.toml"


def declared(file: Path, text: str) -> Declaration:
    file.write_text(text)
    return declaration(ref(), {"acme/orket-node.toml": str(file)})


def refusal(file: Path, text: str) -> str:
    with pytest.raises(ResolutionError) as caught:
        declared(file, text)
    return str(caught.value)


def test_a_node_declares_its_contract_what_it_provides_its_cases_and_its_changes(file: Path) -> None:
    assert declared(file, WHOLE) == Declaration(
        contract=1,
        provides=("write_file",),
        cases=({"roles": ["reviewer"], "expect": ["read_file"]},),
        changes=({"id": "no-writes", "kind": "removed"},),
        file=str(file),
    )


def test_without_a_file_a_node_declares_contract_1_and_nothing_else() -> None:
    assert declaration(ref(), {"acme/strategy.py": "/site/acme/strategy.py"}) == Declaration(
        1, (), (), (), ""
    )


def test_a_file_that_does_not_name_the_node_declares_nothing_of_it(file: Path) -> None:
    assert declared(file, "[other]\ncontract = 2\n") == Declaration(file=str(file))


def test_each_node_of_a_package_has_its_own_table(file: Path) -> None:
    file.write_text(WHOLE)
    other = declaration(ref(name="other"), {"acme/orket-node.toml": str(file)})
    assert (other.contract, other.provides) == (2, ())


@pytest.mark.parametrize(
    "value", ["acme:Reviewer", "acme.strategy:Reviewer", " acme.strategy : Reviewer [extra]"]
)
def test_the_file_is_in_the_package_of_the_node(value: str, file: Path) -> None:
    file.write_text(WHOLE)
    assert declaration(ref(value), {"acme/orket-node.toml": str(file)}).provides == ("write_file",)


def test_the_file_of_another_package_is_not_read(file: Path) -> None:
    file.write_text(WHOLE)
    files = {"beta/orket-node.toml": str(file), "orket-node.toml": str(file)}
    assert declaration(ref(), files) == Declaration()


def test_an_unknown_key_is_refused_with_a_close_match(file: Path) -> None:
    assert refusal(file, "[reviewer]\nprovide = ['x']\n") == (
        "error: contract-mismatch\n"
        "  Node 'acme:reviewer' declares something that cannot be used: there is no key 'reviewer.provide'.\n"
        f"  looked in: {file}\n"
        "  hint:      did you mean 'provides'?"
    )


def test_an_unknown_key_without_a_close_match_is_refused_with_those_there_are(file: Path) -> None:
    assert refusal(file, "[reviewer]\nx = 1\n").endswith(
        "  hint:      known are contract, provides, case, change"
    )


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("reviewer = 1\n", "'reviewer' is not a table", "write [reviewer]"),
        ("contract = 1\n", "'contract' stands in no node's table", "write [reviewer] above it"),
        (
            "[reviewer]\ncontract = '1'\n",
            "'reviewer.contract' must be a whole number, not '1'",
            "write contract = 1",
        ),
        (
            "[reviewer]\ncontract = true\n",
            "'reviewer.contract' must be a whole number, not True",
            "write contract = 1",
        ),
        (
            "[reviewer]\nprovides = 'write_file'\n",
            "'reviewer.provides' must be a list of tools' names, not 'write_file'",
            'write provides = ["name_of_a_tool"]',
        ),
        (
            "[reviewer]\nprovides = [1]\n",
            "'reviewer.provides' must be a list of tools' names, not [1]",
            'write provides = ["name_of_a_tool"]',
        ),
        ("[reviewer]\ncase = 1\n", "'reviewer.case' must be tables", "write [[reviewer.case]]"),
        ("[reviewer]\nchange = ['x']\n", "'reviewer.change' must be tables", "write [[reviewer.change]]"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_belongs_there(
    text: str, reason: str, hint: str, file: Path
) -> None:
    assert refusal(file, text) == (
        "error: contract-mismatch\n"
        f"  Node 'acme:reviewer' declares something that cannot be used: {reason}.\n"
        f"  looked in: {file}\n"
        f"  hint:      {hint}"
    )


def test_what_is_no_toml_is_refused(file: Path) -> None:
    assert refusal(file, "[reviewer\n") == (
        "error: contract-mismatch\n"
        "  Node 'acme:reviewer' declares something that cannot be used: "
        "its orket-node.toml cannot be read: Expected ']' at the end of a table declaration (at line 1, column 10).\n"
        f"  looked in: {file}\n"
        "  hint:      correct it, or install the distribution again"
    )


def test_a_file_that_is_listed_and_gone_is_refused(file: Path) -> None:
    with pytest.raises(ResolutionError, match=r"its orket-node.toml cannot be read: .Errno 2. No such file"):
        declaration(ref(), {"acme/orket-node.toml": str(file)})
