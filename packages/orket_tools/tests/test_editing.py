"""The group ``editing`` changes one passage, or says why not, and finds text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import cast

import pytest

from orket.core import CallContext, ToolError, Workspace
from orket.tools import editing
from orket.tools.editing import EDITING


@pytest.fixture
def context(tmp_path: Path) -> CallContext:
    return CallContext(files=Workspace(tmp_path))


def edit(context: CallContext, old: str, new: str, path: str = "a.txt") -> object:
    return EDITING["edit_file"](path=path, old=old, new=new, ctx=context)


def search(context: CallContext, pattern: str, path: str = ".", *, regex: bool = False) -> editing.Found:
    return cast("editing.Found", EDITING["search_text"](pattern=pattern, path=path, regex=regex, ctx=context))


def refused(text: str) -> pytest.RaisesExc[ToolError]:
    """The whole text that the model reads."""
    return pytest.RaisesExc(ToolError, match=f"^{re.escape(text)}$")


def test_one_passage_is_replaced_and_nothing_else_changes(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\nthree")
    (tmp_path / "a.txt").chmod(0o640)
    assert edit(context, "two\n", "2\n2½\n") == {"path": "a.txt", "line": 2}
    assert (tmp_path / "a.txt").read_bytes() == "one\n2\n2½\nthree".encode()
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_a_passage_is_removed_by_nothing(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two")
    edit(context, " two", "")
    assert (tmp_path / "a.txt").read_text() == "one"


@pytest.mark.parametrize("old", ["two\nthree", "two\r\nthree"])
def test_a_file_keeps_its_line_ends(context: CallContext, tmp_path: Path, old: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\nthree\r\n")
    assert edit(context, old, "2\n3") == {"path": "a.txt", "line": 2}
    assert (tmp_path / "a.txt").read_bytes() == b"\xef\xbb\xbfone\r\n2\r\n3\r\n"


def test_a_file_with_both_line_ends_takes_a_passage_as_it_is(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\nthree\n")
    edit(context, "two\n", "2\n2\n")
    assert (tmp_path / "a.txt").read_bytes() == b"one\r\n2\n2\nthree\n"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("", "x", "'old' is empty; give the passage to replace, or use write_file for a whole file"),
        ("two", "two", "'old' and 'new' are the same, so nothing would change"),
        ("four", "4", "'a.txt' does not have the passage; read the file again, and give it as it is there"),
        (
            "two\nthree",
            "2",
            (
                "'a.txt' does not have the passage; "
                "from line 2 on it has the same words with other white space: read the file again"
            ),
        ),
        (
            "one",
            "1",
            (
                "'a.txt' has the passage 2 times, beginning in the lines 1, 4; "
                "add lines around it until it is the only one"
            ),
        ),
        (
            "aa",
            "b",
            (
                "'a.txt' has the passage 2 times, beginning in the lines 5, 5; "
                "add lines around it until it is the only one"
            ),
        ),
    ],
)
def test_an_edit_that_is_not_clear_is_refused_and_changes_nothing(
    context: CallContext, tmp_path: Path, old: str, new: str, text: str
) -> None:
    (tmp_path / "a.txt").write_text("one\n  two\n  three\none\naaa\n")
    before = (tmp_path / "a.txt").stat()
    with refused(text):
        edit(context, old, new)
    assert (tmp_path / "a.txt").read_text() == "one\n  two\n  three\none\naaa\n"
    assert (tmp_path / "a.txt").stat().st_ino == before.st_ino


def test_of_many_places_the_first_ten_are_named(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\n" * 12)
    with refused(
        "'a.txt' has the passage 12 times, beginning in the lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …; "
        "add lines around it until it is the only one"
    ):
        edit(context, "x", "y")


def test_a_passage_that_stands_everywhere_in_a_large_file_is_refused_at_once(
    context: CallContext, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("x\n" * 1_000_000)  # counted from the start each time, this takes minutes
    with refused(
        "'a.txt' has the passage 1000000 times, beginning in the lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …; "
        "add lines around it until it is the only one"
    ):
        edit(context, "x", "y")


def test_a_write_that_fails_leaves_the_file_as_it_was(
    context: CallContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("one")

    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with refused("cannot write 'a.txt': No space left on device"):
        edit(context, "one", "two")
    assert (tmp_path / "a.txt").read_text() == "one"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_reference_is_searched_and_not_edited(tmp_path: Path) -> None:
    for folder in ("work", "manual"):
        (tmp_path / folder).mkdir()
    (tmp_path / "manual/page").write_text("words")
    context = CallContext(files=Workspace(tmp_path / "work", references=[tmp_path / "manual"]))
    page = f"{tmp_path}/manual/page"
    assert search(context, "word", page) == {"matches": [f"{page}:1:words"], "complete": True}
    assert search(context, "word", f"{tmp_path}/manual/") == {
        "matches": [f"{page}:1:words"],
        "complete": True,
    }
    with refused(f"{page!r} is outside the workspace; give a path inside it"):
        edit(context, "words", "x", page)


def test_lines_are_found_in_the_order_of_their_files(context: CallContext, tmp_path: Path) -> None:
    for name in ("b/inner", "a", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"first of {name}\n  x = f(1)\n")
    assert search(context, "f(1)") == {
        "matches": ["a:2:  x = f(1)", "c:2:  x = f(1)", "b/inner:2:  x = f(1)"],
        "complete": True,
    }
    assert search(context, "first", "b") == {"matches": ["b/inner:1:first of b/inner"], "complete": True}
    assert search(context, r"^first of .$", regex=True)["matches"] == ["a:1:first of a", "c:1:first of c"]


def test_a_pattern_is_literal_unless_it_says_otherwise(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a.c\nabc\n")
    assert search(context, "a.c")["matches"] == ["a:1:a.c"]
    assert search(context, "a.c", regex=True)["matches"] == ["a:1:a.c", "a:2:abc"]


BRACES = ["x{i}", "foo{e}", "x{1<=e<=2}", "^{d}$", "x{}", "a{2}", "^a{,2}$", "a{1,}", "{{2}", "[{d}]+$"]
ESCAPED = [r"\{d}", r"\\{d}", r"\N{TILDE}"]


@pytest.mark.parametrize("pattern", [*BRACES, *ESCAPED])
@pytest.mark.parametrize("line", ["x{i}", "x", "fo", "foo{e}", "{}", "{d}", "x{1<=e<=2}", "aa", "~", "{{2}"])
def test_an_expression_means_what_it_means_to_re(
    context: CallContext, tmp_path: Path, pattern: str, line: str
) -> None:
    (tmp_path / "a").write_text(line)
    assert bool(search(context, pattern, regex=True)["matches"]) == bool(re.search(pattern, line))


def test_matches_beyond_two_hundred_are_left_out_and_it_says_so(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n" * 201)
    found = search(context, "x")
    assert (len(found["matches"]), found["complete"]) == (200, False)
    assert found["matches"][-1] == "a:200:x"


def test_matches_are_never_more_than_a_result_may_have(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('"quoted"\n' * 100)
    found = search(CallContext(files=Workspace(tmp_path), max_output=1_000), "q")
    assert 10 < len(found["matches"]) < 50
    assert not found["complete"]


def test_a_file_too_large_to_search_is_no_file_without_matches(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "large").write_text("word\n")
    os.truncate(tmp_path / "large", 4 * 1024 * 1024 + 1)
    (tmp_path / "small").write_text("word\n")
    assert search(context, "word") == {"matches": ["small:1:word"], "complete": False}
    with refused("cannot read 'large': it has 4,194,305 bytes and at most 4,194,304 are read at once"):
        search(context, "word", "large")


@pytest.mark.parametrize("apart", ["\f", "\v", "\x1c", "\x85", "\u2028", "\r"])
def test_lines_are_numbered_alike_whatever_else_parts_text(
    context: CallContext, tmp_path: Path, apart: str
) -> None:
    (tmp_path / "a.txt").write_bytes(f"one{apart}more\r\n  two\r\n".encode())
    assert search(context, "o$", regex=True)["matches"] == ["a.txt:2:  two"]
    with refused(
        "'a.txt' does not have the passage; "
        "from line 2 on it has the same words with other white space: read the file again"
    ):
        edit(context, "\ttwo", "2")
    assert edit(context, "two", "2") == {"path": "a.txt", "line": 2}


def test_a_long_line_is_cut(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x" * 1_000)
    assert search(context, "x")["matches"] == [f"a:1:{'x' * 300}…"]


def test_a_pattern_that_would_take_years_is_given_up(
    context: CallContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "_SECONDS", 0.2)
    (tmp_path / "a").write_text("a" * 40 + "b")
    with refused(
        "the pattern takes more than 0.2 seconds; make it simpler, "
        "for example without a repeated group that repeats something itself"
    ):
        search(context, r"^(a|a|aa)+\1$", regex=True)


@pytest.mark.parametrize(
    "pattern", ["(?:(?:a{100}){100}){100}", "a{0001000000,}", "(?:a{9})" + "{999999999}" * 999]
)
def test_an_expression_that_would_fill_the_memory_is_refused(context: CallContext, pattern: str) -> None:
    with refused(
        "the pattern may have more than 1,000,000 items once its repeats are written out; repeat less in it"
    ):
        search(context, pattern, regex=True)


@pytest.mark.parametrize(
    "pattern",
    [r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", "^.{1000,}$", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"],
)
def test_an_expression_that_repeats_as_usual_is_tried(context: CallContext, pattern: str) -> None:
    assert search(context, pattern, regex=True) == {"matches": [], "complete": True}


def test_when_time_is_up_what_was_found_is_given(
    context: CallContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "_SECONDS", -1)
    (tmp_path / "a").write_text("x")
    assert search(context, "x") == {"matches": [], "complete": False}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", "the pattern is empty; give the text to look for"),
        ("(", "the pattern is no regular expression: missing ) at position 1"),
    ],
)
def test_a_pattern_that_is_none_is_refused(context: CallContext, pattern: str, text: str) -> None:
    with refused(text):
        search(context, pattern, regex=True)


def test_a_text_of_several_lines_is_refused(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\n")
    with refused("the pattern goes over several lines, which are searched one by one; look for one of them"):
        search(context, "one\ntwo")


def test_what_each_tool_may_do_is_declared() -> None:
    assert {tool.name: sorted(tool.effects) for tool in EDITING} == {
        "edit_file": ["read", "write"],
        "search_text": ["read"],
    }
    assert EDITING["edit_file"].serial, "of two edits at once one would be lost"
    assert not EDITING["edit_file"].idempotent
