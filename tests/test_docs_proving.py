"""docs/proving.md says what is checked, and its examples are as a node's author would write them."""

import re
import tomllib
from pathlib import Path

import pytest

from orket.core import FAMILIES
from orket.testkit.checks import laws_of

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "proving.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_the_page_has_each_law_of_a_family_in_its_own_words(family: str) -> None:
    (table,) = re.findall(
        rf"^### `{family}`\n\n\| check \| law \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE)
    assert rows == [(law.id, law.sentence) for law in laws_of(family).values()]


def test_the_page_has_each_verdict_and_its_refusal() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .* \|(?: `(gate-[a-z]+)`)? \|$", PAGE, re.MULTILINE))
    verdicts = {name: refusal for name, refusal in rows.items() if refusal or name in ("control", "allowed")}
    assert verdicts == {
        "control": "",
        "allowed": "",
        "missing": "gate-missing",
        "stale": "gate-stale",
        "failed": "gate-failed",
        "unaccepted-change": "gate-failed",
    }


def test_the_declaration_is_one_that_can_be_read(tmp_path: Path) -> None:
    from orket.core import NodeRef
    from orket.core.proving import declaration

    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert tomllib.loads(text)["acme-reviewer"]["contract"] == 1
    file = tmp_path / "orket-node.toml"
    file.write_text(text, encoding="utf-8")
    ref = NodeRef("orket.tool_strategy", "acme-reviewer", "acme:Reviewer", "acme", "1.0", "")
    declared = declaration(ref, {"acme/orket-node.toml": str(file)})
    assert (len(declared.cases), len(declared.changes)) == (1, 1)


def test_the_command_has_the_options_that_the_page_names(capsys: pytest.CaptureFixture[str]) -> None:
    from orket.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["prove", "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    options = set(re.findall(r"`(--[a-z]+(?:-[a-z]+)*)", PAGE)) | {"--self-test"}
    assert {option for option in options if option not in shown} == set()


def test_the_one_line_makes_a_test_of_each_law() -> None:
    from orket.testkit import conformance

    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert "from orket.testkit import conformance" in source
    made = conformance("tool_strategy", "read-only")
    tests = [name for name in dir(made) if name.startswith("test_")]
    assert len(tests) == len(laws_of("tool_strategy"))
