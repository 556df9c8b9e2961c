"""The page on configuration has every key and every variable, and its examples are accepted."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from orket.core import FAMILIES, Settings
from orket.core.schema import keys

PAGE = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `\[(.+?)\]`.*?\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def documented() -> set[str]:
    """Each key that has a line in the table of its section."""
    return {
        f"{section}.{key}"
        for section, text in SECTIONS.items()
        for key in re.findall(r"^\| `([a-z_.<>]+)` \|", text, re.MULTILINE)
    }


def test_every_key_has_a_line_and_no_line_is_of_another_key() -> None:
    every = set(keys())
    of_nodes = {f"nodes.{family.name}.<name>" for family in FAMILIES}
    per_family = {f"process_rules.allowed_nodes.{family.name}" for family in FAMILIES}
    assert of_nodes | per_family <= every
    assert documented() == (every - of_nodes - per_family) | {"process_rules.allowed_nodes"}
    assert "nodes.<family>.<name>" in SECTIONS


def test_the_first_example_shows_every_key() -> None:
    shown = tomllib.loads(EXAMPLES[0])
    for key in documented():
        section, *rest = key.split(".")
        value = shown[section]
        for part in rest:
            value = next(iter(value.values())) if part.startswith("<") else value[part]
        assert value, key


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_accepted(example: str) -> None:
    Settings(tomllib.loads(example))


def test_every_variable_has_a_line() -> None:
    variables = re.findall(r"^\| `(ORKET_[A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert len(set(variables)) == len(variables)
    assert Settings(environ=dict.fromkeys(variables, "none")).unknown_variables == {}
    assert {family.variable for family in FAMILIES} | {"ORKET_CONFIG", "ORKET_ALLOW_EFFECTS"} == set(
        variables
    )


def test_the_sources_stand_in_the_order_of_their_strength() -> None:
    table = PAGE.partition("## Who wins")[2].partition("## The file")[0]
    kinds = re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)
    assert kinds == ["default", "file", "rules", "operator", "environment", "argument"]
