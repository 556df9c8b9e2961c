"""Where a path is written: links to folders that stay inside are followed, and nothing lands outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace

OUTSIDE = "{path!r} is outside the workspace; give a path inside it"
LEADS_OUT = "{path!r} leads outside the workspace through a symbolic link; give a path that stays inside"


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("new", "new"),
        ("file", "file"),
        ("folder/../new", "new"),
        ("to_folder/new", "folder/new"),
        ("to_folder_slash/a/b/new", "folder/a/b/new"),
        ("folder/up/new", "new"),
        ("to_deep/../new", "folder/new"),
        ("to_deep/top/new", "new"),
        ("fresh/../new", "new"),
        ("{work}/folder/new", "folder/new"),
        ("~/new", "~/new"),
        ("..new", "..new"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_it_is_written_where_the_path_leads(tangle: Path, path: str, file: str) -> None:
    Workspace(tangle).write_text(path.format(work=tangle), "written")
    assert (tangle / file).read_text() == "written"
    assert not (tangle / file).is_symlink()


WRITE_NAMES_FOLDER = "cannot write {path!r}: it names a folder; add the name of a file"
WRITE_LINK = (
    "cannot write {path!r}: it is a symbolic link, which would be replaced; give the path it points to"
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("../new", OUTSIDE),
        ("folder/../../new", OUTSIDE),
        ("{top}/new", OUTSIDE),
        ("{top}/work/../new", OUTSIDE),
        ("/tmp/new", OUTSIDE),
        ("out/new", LEADS_OUT),
        ("out_folder/new", LEADS_OUT),
        ("out_folder/inner", LEADS_OUT),
        ("out_folder/a/b/new", LEADS_OUT),
        ("to_out/new", LEADS_OUT),
        ("absolute/tmp/new", LEADS_OUT),
        ("to_deep/top/../new", LEADS_OUT),
        (".", WRITE_NAMES_FOLDER),
        ("..", WRITE_NAMES_FOLDER),
        ("{work}", WRITE_NAMES_FOLDER),
        ("new/", WRITE_NAMES_FOLDER),
        ("folder/.", WRITE_NAMES_FOLDER),
        ("folder/..", WRITE_NAMES_FOLDER),
        ("folder", "cannot write 'folder': it is a folder, not a regular file"),
        ("link", WRITE_LINK),
        ("hop3", WRITE_LINK),
        ("dangling", WRITE_LINK),
        ("out_file", WRITE_LINK),
        ("absolute_secret", WRITE_LINK),
        ("to_folder", WRITE_LINK),
        ("self", WRITE_LINK),
        ("file/new", "cannot write 'file/new': a file stands where a folder is needed"),
        ("file/a/b/new", "cannot write 'file/a/b/new': a file stands where a folder is needed"),
        ("dangling/new", "cannot write 'dangling/new': a symbolic link in it leads nowhere"),
        ("self/new", "cannot write 'self/new': it goes through more than 40 symbolic links"),
        ("new/" + "x" * 256, f"cannot write 'new/{'x' * 56}…{'x' * 60}': a name in it is too long"),
        ("", "the path is empty; give a path inside the workspace, '.' for the workspace itself"),
        ("a\0", "'a\\x00' has a NUL character, which no path has; remove it"),
        ("a\udcff", "'a\\udcff' has a lone surrogate, which is not a character; remove it"),
    ],
)
def test_it_is_not_written(tangle: Path, path: str, text: str) -> None:
    beside = sorted(tangle.parent.rglob("*"))
    path = path.format(work=tangle, top=tangle.parent)
    with pytest.raises(ToolError) as caught:
        Workspace(tangle).write_text(path, "written")
    assert str(caught.value) == text.format(path=path)
    assert [entry for entry in sorted(tangle.parent.rglob("*")) if entry.name != "new"] == beside
