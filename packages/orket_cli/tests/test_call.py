"""`orket call`: one call through the same seam as an agent's, from the words of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran, Site


@pytest.fixture(autouse=True)
def files(site: Site, work: Path) -> Path:
    """The configuration file, in which the group of files is chosen."""
    site.install_files()
    file = work / "orket.toml"
    file.write_text('tools.groups = ["files"]\n')
    return file


def test_result_has_the_plain_shape(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "look", "path=a", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {"ok": True, "content": "a\n"}


def test_failure_has_the_plain_shape_and_its_code(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "fail", "--json")

    assert (ran.code, ran.err) == (1, "")
    assert ran.json == {"ok": False, "error": "there is nothing to look at", "code": "failed"}


def test_failure_is_told_to_a_person_beside_the_facts(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "fail")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: failed\n  there is nothing to look at\n"


def test_equals_gives_text_and_colon_equals_gives_json(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "look", "path=1", "times:=2", "--json")

    assert ran.json == {"ok": True, "content": "1\n1\n"}


def test_text_may_hold_equals_signs(orket: Callable[..., Ran]) -> None:
    assert orket("call", "look", "path=a=b:=c").out == "a=b:=c\n"


def test_options_may_stand_between_arguments(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "look", "path=a", "--json", "times:=2")

    assert ran.json == {"ok": True, "content": "a\na\n"}


def test_text_alone_is_printed_as_it_is(orket: Callable[..., Ran]) -> None:
    assert orket("call", "look", "path=caf\xe9").out == "caf\xe9\n"


def test_list_of_texts_is_printed_in_lines(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "who", "--session", "s1", "--role", "coder", "--role", "reviewer")

    assert ran.out == "s1\ncoder\nreviewer\n"


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["put", "path=a"], '{\n  "path": "a",\n  "bytes": 0\n}\n'),
        (["count", "path=a"], '[\n  "a",\n  1\n]\n'),
    ],
)
def test_structure_is_printed_as_json(orket: Callable[..., Ran], words: list[str], printed: str) -> None:
    assert orket("call", *words).out == printed


def test_wrong_argument_is_a_failed_call(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "look", "path=a", "tims:=2", "--json")

    assert ran.code == 1
    assert ran.json == {
        "ok": False,
        "error": "tims: no such argument; did you mean 'times'?",
        "code": "invalid-arguments",
    }


def test_unknown_tool_proposes_the_right_one(orket: Callable[..., Ran]) -> None:
    ran = orket("call", "lok", "path=a")

    assert ran.code == 1
    assert ran.err == "error: unknown-tool\n  there is no tool 'lok'; did you mean 'look'?\n"


def test_tool_that_the_strategy_withholds_is_not_offered(
    orket: Callable[..., Ran], site: Site, files: Path
) -> None:
    site.install_calm()
    files.write_text(
        'process_rules.tool_strategy_node = "calm"\ngate.mode = "warn"\ntools.groups = ["files"]\n'
    )

    ran = orket("call", "put", "path=a", "--json")

    assert ran.code == 1
    assert ran.json["code"] == "not-offered"


def test_effects_beyond_the_brake_are_forbidden(
    orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_ALLOW_EFFECTS", "read")

    ran = orket("call", "put", "path=a", "--json")

    assert ran.code == 1
    assert ran.json["code"] == "forbidden-effect"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["path"], "'path' is no argument."),
        (["=a"], "'=a' is no argument."),
        ([":=1"], "':=1' is no argument."),
        (["path=a", "path=b"], "The argument 'path' is given twice."),
        (["path=a", "path:=1"], "The argument 'path' is given twice."),
        (["times:=two"], "'times:=two' is no JSON after ':=': Expecting value: line 1 column 1 (char 0)."),
        (["times:=NaN"], "'times:=NaN' is no JSON after ':=': NaN is no JSON number."),
    ],
)
def test_words_that_are_no_arguments_are_wrong_usage(
    orket: Callable[..., Ran], words: list[str], message: str
) -> None:
    ran = orket("call", "look", *words, "--json")

    assert ran.code == 2
    assert ran.json["error"]["code"] == "wrong-usage"
    assert ran.json["error"]["message"] == message


def test_where_no_groups_are_chosen_a_person_has_files_and_is_told(
    orket: Callable[..., Ran], files: Path
) -> None:
    files.unlink()

    ran = orket("call", "look", "path=a")

    assert (ran.code, ran.out) == (0, "a\n")
    assert ran.err == "note: the configuration chooses no tool groups, so this call uses 'files'\n"
    assert orket("call", "look", "path=a", "--json").err == ""


def test_a_choice_of_no_groups_is_a_choice(orket: Callable[..., Ran], files: Path) -> None:
    files.write_text("tools.groups = []\n")

    ran = orket("call", "look", "path=a")

    assert ran.code == 1
    assert ran.err == "error: unknown-tool\n  there is no tool 'look'; known are none\n"


def test_files_of_a_denied_distribution_are_not_used(orket: Callable[..., Ran], files: Path) -> None:
    files.write_text('plugins.deny = ["orket-tools"]\n')

    ran = orket("call", "look", "path=a", "--json")

    assert ran.code == 1
    assert ran.json["code"] == "unknown-tool"


def test_files_of_a_stranger_are_not_used_unasked(orket: Callable[..., Ran], site: Site, files: Path) -> None:
    files.unlink()
    (site.folder / "orket_tools-1.0.dist-info").rename(site.folder / "acme-1.0.dist-info")
    (site.folder / "acme-1.0.dist-info/METADATA").write_text("Name: acme\nVersion: 1.0\n")

    assert orket("call", "look", "path=a", "--json").json["code"] == "unknown-tool"
