"""A toolset: an ordered collection of tools that can say why a tool is absent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from orket.core import ConfigError, Tool, Toolset, tool


def made(name: str, effects: list[str] | None = None, owner: str = "app") -> Tool:
    return tool(name=name, effects=effects)(lambda: name).with_(owner=owner)


@pytest.fixture
def files() -> Toolset:
    return Toolset([made("read_file", ["read"]), made("write_file", ["write"]), made("list_files", ["read"])])


def test_tools_keep_their_order(files: Toolset) -> None:
    assert files.names == ("read_file", "write_file", "list_files")
    assert [each.name for each in files] == list(files.names)
    assert len(files) == 3
    assert repr(files) == "Toolset(read_file, write_file, list_files)"


def test_a_tool_is_found_by_its_name(files: Toolset) -> None:
    assert "read_file" in files
    assert files["read_file"] is files.get("read_file")
    assert "nothing" not in files
    assert files.get("nothing") is None
    with pytest.raises(KeyError):
        files["nothing"]


def test_plain_functions_become_tools_of_undeclared_effects() -> None:
    def look() -> None: ...

    (each,) = Toolset([look])
    assert (each.name, each.declared, each.read_only) == ("look", False, False)


def test_a_tool_given_twice_is_one_tool(files: Toolset) -> None:
    assert (files | files).names == files.names


def test_two_tools_of_one_name_are_an_error_that_names_both_owners() -> None:
    with pytest.raises(ConfigError) as caught:
        Toolset([made("read", owner="acme:files"), made("read", owner="orket-tools:files")])

    assert str(caught.value) == (
        "error: duplicate-tool\n"
        "  Two tools are named 'read'.\n"
        "  found:     one from acme:files, one from orket-tools:files\n"
        "  hint:      rename one with renamed({…}) or prefixed(…), or use replace(tool) to exchange it on purpose"
    )


def test_joining_names_both_owners_too(files: Toolset) -> None:
    with pytest.raises(ConfigError) as caught:
        _ = files | Toolset([made("write_file", owner="acme")])

    assert caught.value.diagnostic.found == "one from app, one from acme"


def test_renaming_onto_another_tool_is_the_same_error(files: Toolset) -> None:
    with pytest.raises(ConfigError, match="Two tools are named 'write_file'"):
        files.renamed({"read_file": "write_file"})


def test_where_keeps_what_the_predicate_holds_for(files: Toolset) -> None:
    chosen = files.where(lambda each: each.read_only, why="read-only strategy")

    assert chosen.names == ("read_file", "list_files")
    assert chosen.why("write_file") == "'write_file' is absent: read-only strategy"


def test_only_keeps_this_toolsets_order_and_adds_nothing(files: Toolset) -> None:
    chosen = files.only("list_files", "nothing", "read_file")

    assert chosen.names == ("read_file", "list_files")
    assert chosen.why("write_file") == "'write_file' is absent: not among the chosen tools"
    assert (
        files.only("read_file", why="reviewers read").why("write_file")
        == "'write_file' is absent: reviewers read"
    )


def test_without_drops_the_named_ones(files: Toolset) -> None:
    chosen = files.without("write_file", "nothing", why="frozen for the release")

    assert chosen.names == ("read_file", "list_files")
    assert chosen.why("write_file") == "'write_file' is absent: frozen for the release"


def test_map_changes_each_tool_in_place(files: Toolset) -> None:
    changed = files.map(lambda each: each.with_(timeout=1))

    assert changed.names == files.names
    assert {each.timeout for each in changed} == {1}


def test_renamed_changes_the_named_ones_in_place(files: Toolset) -> None:
    changed = files.renamed({"read_file": "look", "nothing": "something"})

    assert changed.names == ("look", "write_file", "list_files")
    assert changed["look"].lineage is files["read_file"].lineage
    assert changed.why("read_file") == "'read_file' is absent: it is now called 'look'"


def test_prefixed_changes_every_name(files: Toolset) -> None:
    changed = files.prefixed("fs_")

    assert changed.names == ("fs_read_file", "fs_write_file", "fs_list_files")
    assert changed.why("write_file") == "'write_file' is absent: it is now called 'fs_write_file'"


def test_replace_puts_a_tool_in_the_place_of_its_namesake(files: Toolset) -> None:
    other = made("write_file")

    changed = files.replace(other)
    assert changed.names == files.names
    assert changed["write_file"] is other


def test_replacing_what_is_not_there_is_an_error(files: Toolset) -> None:
    with pytest.raises(ConfigError) as caught:
        files.replace(made("writefile"))

    assert str(caught.value) == (
        "error: unknown-tool\n"
        "  There is no tool 'writefile' to replace.\n"
        "  found:     read_file, write_file, list_files\n"
        "  hint:      did you mean 'write_file'?"
    )
    with pytest.raises(ConfigError) as caught:
        Toolset().replace(made("read"))
    assert (caught.value.diagnostic.found, caught.value.diagnostic.hint) == ("no tools", "add it with '|'")


def test_joining_appends(files: Toolset) -> None:
    assert (files | Toolset([made("run")])).names == ("read_file", "write_file", "list_files", "run")


def test_joining_keeps_the_reasons_of_both_sides(files: Toolset) -> None:
    both = files.without("write_file", why="one") | Toolset([made("run")]).without("run", why="other")

    assert both.why("write_file") == "'write_file' is absent: one"
    assert both.why("run") == "'run' is absent: other"


def test_no_operation_changes_its_toolset(files: Toolset) -> None:
    before = (files.names, files.digest)
    files.where(lambda _: False, why="x")
    files.without("read_file", why="x")
    files.prefixed("x")
    files.replace(made("read_file"))
    _ = files | Toolset([made("run")])

    assert (files.names, files.digest) == before
    assert files.why("read_file") == "'read_file' is offered"


def test_why_answers_for_every_name(files: Toolset) -> None:
    chosen = files.without("write_file", why="read-only strategy")

    assert chosen.why("read_file") == "'read_file' is offered"
    assert chosen.why("write_file") == "'write_file' is absent: read-only strategy"
    assert chosen.why("raed_file") == "there is no tool 'raed_file'; did you mean 'read_file'?"
    assert chosen.why("wrte_file") == "there is no tool 'wrte_file'; did you mean 'write_file'?"
    assert chosen.why("x") == "there is no tool 'x'; known are read_file, list_files, write_file"
    assert Toolset().why("x") == "there is no tool 'x'; known are none"


def test_the_latest_reason_is_the_one_that_counts(files: Toolset) -> None:
    twice = files.without("write_file", why="first") | Toolset([files["write_file"]])

    assert twice.why("write_file") == "'write_file' is offered"
    assert twice.without("write_file", why="second").why("write_file") == "'write_file' is absent: second"


def test_the_digest_is_about_what_a_model_sees(files: Toolset) -> None:
    assert files.map(lambda each: each.with_(timeout=1, owner="acme", effects=[])).digest == files.digest
    assert files.map(lambda each: each.with_(description="Other.")).digest != files.digest
    assert files.prefixed("x").digest != files.digest
    assert files.only("read_file", "write_file").digest != files.digest


def test_the_digest_depends_on_the_order(files: Toolset) -> None:
    first, second, third = files

    assert Toolset([second, first, third]).digest != files.digest
    assert Toolset([first, second, third]).digest == files.digest


def test_the_digest_does_not_depend_on_reasons(files: Toolset) -> None:
    assert files.without("write_file", why="a").digest == files.without("write_file", why="b").digest
    assert files.only("read_file").digest == Toolset([files["read_file"]]).digest


def test_a_description_that_no_encoding_has_gives_a_digest_too(files: Toolset) -> None:
    """Another service can send one as JSON, and each call of a turn records the digest of all its tools."""
    (one, *_) = files
    first, second = (Toolset([one.with_(description=text)]) for text in "\ud800\udfff")
    assert first.digest != second.digest


def test_the_digest_is_the_same_in_every_process_whatever_the_hash_seed() -> None:
    code = (
        "from typing import Literal\n"
        "from orket.core import Toolset\n"
        "def look(path: str, order: Literal['up', 'down'], tags: set[Literal['a', 'b', 'c']]) -> None:\n"
        "    '''Look.\n\n    Args:\n        path: where.\n    '''\n"
        "def write(path: str, content: str = '') -> None: ...\n"
        "print(Toolset([look, write]).digest)\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(digests) == 1
    assert digests.pop().startswith("sha256:")
