"""Where a path leads: links that stay inside are followed, and nothing is read or listed outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("file", "file"),
        ("./file", "file"),
        (".//./file", "file"),
        ("folder/inner", "folder/inner"),
        ("folder//inner", "folder/inner"),
        ("folder/./inner", "folder/inner"),
        ("folder/../file", "file"),
        ("folder/deep/../inner", "folder/inner"),
        ("folder/deep/../../folder/deep/deepest", "folder/deep/deepest"),
        ("folder/deep/./../././../file", "file"),
        ("one/two/three/../three/four", "one/two/three/four"),
        ("one/two/../../one/two/three/four", "one/two/three/four"),
        (".hidden/..twodots", ".hidden/..twodots"),
        ("back\\slash", "back\\slash"),
        ("link", "file"),
        ("two_links", "file"),
        ("to_folder/inner", "folder/inner"),
        ("to_folder_slash/inner", "folder/inner"),
        ("to_folder_dot/inner", "folder/inner"),
        ("to_folder/../file", "file"),
        ("to_deep/../inner", "folder/inner"),
        ("to_deep/../../file", "file"),
        ("via_link", "folder/inner"),
        ("dot/file", "file"),
        ("dot/dot/dot/link", "file"),
        ("dot_dots", "file"),
        ("up_through_link", "folder/inner"),
        ("folder/up/file", "file"),
        ("folder/up/folder/up/folder/inner", "folder/inner"),
        ("folder/to_file", "file"),
        ("to_folder/to_file", "file"),
        ("folder/deep/top/file", "file"),
        ("to_deep/top/link", "file"),
        ("hop1", "file"),
        ("hop40", "file"),
        ("{work}/file", "file"),
        ("{work}//folder/./inner", "folder/inner"),
        ("/{work}/link", "file"),
        ("{work}/folder/../file", "file"),
    ],
)
def test_it_leads_to(tangle: Path, path: str, file: str) -> None:
    assert Workspace(tangle).read_text(path.format(work=tangle)) == file


OUTSIDE = "{path!r} is outside the workspace; give a path inside it"
LEADS_OUT = "{path!r} leads outside the workspace through a symbolic link; give a path that stays inside"
NO_FOLDER = "cannot read {path!r}: a file stands where a folder is needed"
FOLDER = "cannot read {path!r}: it is a folder, not a regular file"
NOWHERE = "cannot read {path!r}: a symbolic link in it leads nowhere"
LOOP = "cannot read {path!r}: it goes through more than 40 symbolic links"
LONG = "cannot read {path!r}: a name in it is too long"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("..", OUTSIDE),
        ("../", OUTSIDE),
        ("../secret", OUTSIDE),
        ("../work/file", OUTSIDE),
        ("./../secret", OUTSIDE),
        ("folder/../../secret", OUTSIDE),
        ("folder/deep/../../../secret", OUTSIDE),
        ("../../../../../../../../etc/passwd", OUTSIDE),
        ("/", OUTSIDE),
        ("/etc/passwd", OUTSIDE),
        ("//etc/passwd", OUTSIDE),
        ("{top}", OUTSIDE),
        ("{top}/secret", OUTSIDE),
        ("{top}/work2/file", OUTSIDE),
        ("{top}/work/../secret", OUTSIDE),
        ("{top}/./work2/../work/file", OUTSIDE),
        ("out", LEADS_OUT),
        ("out/secret", LEADS_OUT),
        ("out/work/file", LEADS_OUT),
        ("..out/inner", LEADS_OUT),
        ("out_file", LEADS_OUT),
        ("out_folder/inner", LEADS_OUT),
        ("out_folder/../work/file", LEADS_OUT),
        ("out_deep", LEADS_OUT),
        ("out_and_back", LEADS_OUT),
        ("folder/out", LEADS_OUT),
        ("to_folder/out", LEADS_OUT),
        ("to_out/inner", LEADS_OUT),
        ("dot/../secret", LEADS_OUT),
        ("to_deep/top/../secret", LEADS_OUT),
        ("absolute", LEADS_OUT),
        ("absolute/etc/passwd", LEADS_OUT),
        ("absolute_secret", LEADS_OUT),
        ("absolute_inside", LEADS_OUT),
        ("file/", NO_FOLDER),
        ("file/.", NO_FOLDER),
        ("file/..", NO_FOLDER),
        ("file/../file", NO_FOLDER),
        ("file/inner", NO_FOLDER),
        ("link/", NO_FOLDER),
        ("link/inner", NO_FOLDER),
        ("file_slash", NO_FOLDER),
        ("file_dot", NO_FOLDER),
        ("through_file", NO_FOLDER),
        (".", FOLDER),
        ("./", FOLDER),
        ("{work}", FOLDER),
        ("{work}/", FOLDER),
        ("folder", FOLDER),
        ("folder/", FOLDER),
        ("folder/.", FOLDER),
        ("folder/..", FOLDER),
        ("folder/up", FOLDER),
        ("to_folder", FOLDER),
        ("to_folder_slash", FOLDER),
        ("dangling", NOWHERE),
        ("dangling_folder", NOWHERE),
        ("dangling/inner", NOWHERE),
        ("self", LOOP),
        ("loop_a", LOOP),
        ("loop_a/inner", LOOP),
        ("loop_folder", LOOP),
        ("hop41", LOOP),
        ("x" * 256, LONG.replace("{path!r}", f"'{'x' * 60}…{'x' * 60}'")),
        ("folder/" + "é" * 128, LONG.replace("{path!r}", f"'folder/{'é' * 53}…{'é' * 60}'")),
        ("", "the path is empty; give a path inside the workspace, '.' for the workspace itself"),
        ("fi\0le", "'fi\\x00le' has a NUL character, which no path has; remove it"),
        ("file\0", "'file\\x00' has a NUL character, which no path has; remove it"),
        ("\ud800", "'\\ud800' has a lone surrogate, which is not a character; remove it"),
        ("folder/\udcff", "'folder/\\udcff' has a lone surrogate, which is not a character; remove it"),
        (
            "a/" * 2048,
            f"'{'a/' * 30}…{'a/' * 30}' is too long: 4,096 bytes, and a path has at most 4,095",
        ),
        ("~/file", "cannot read '~/file': there is no '~' in the workspace"),
        ("$HOME", "cannot read '$HOME': there is no '$HOME' in the workspace"),
        ("%2e%2e/secret", "cannot read '%2e%2e/secret': there is no '%2e%2e' in the workspace"),
        ("..\\secret", "cannot read '..\\\\secret': there is no '..\\\\secret' in the workspace"),
        (".../secret", "cannot read '.../secret': there is no '...' in the workspace"),
        ("C:\\Windows", "cannot read 'C:\\\\Windows': there is no 'C:\\\\Windows' in the workspace"),
        ("in\nvented", "cannot read 'in\\nvented': there is no 'in\\nvented' in the workspace"),
    ],
)
def test_it_is_refused(tangle: Path, path: str, text: str) -> None:
    path = path.format(work=tangle, top=tangle.parent) if "{" in path else path
    with pytest.raises(ToolError) as caught:
        Workspace(tangle).read_text(path)
    assert str(caught.value) == text.format(path=path)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("folder", ["deep", "inner", "out", "to_file", "up"]),
        ("folder/", ["deep", "inner", "out", "to_file", "up"]),
        ("to_folder/.", ["deep", "inner", "out", "to_file", "up"]),
        ("folder/deep/..", ["deep", "inner", "out", "to_file", "up"]),
        ("to_deep", ["deepest", "top"]),
        ("folder/up/.hidden", ["..twodots"]),
    ],
)
def test_a_folder_is_listed_by_every_way_to_it(tangle: Path, path: str, names: list[str]) -> None:
    assert Workspace(tangle).list(path) == names


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("..", OUTSIDE),
        ("/etc", OUTSIDE),
        ("out", LEADS_OUT),
        ("out_folder", LEADS_OUT),
        ("absolute", LEADS_OUT),
        ("file", "cannot list 'file': a file stands where a folder is needed"),
        ("link", "cannot list 'link': a file stands where a folder is needed"),
        ("self", "cannot list 'self': it goes through more than 40 symbolic links"),
        ("dangling", "cannot list 'dangling': a symbolic link in it leads nowhere"),
        ("foldr", "cannot list 'foldr': there is no 'foldr' in the workspace; did you mean 'folder'?"),
    ],
)
def test_it_is_not_listed(tangle: Path, path: str, text: str) -> None:
    with pytest.raises(ToolError) as caught:
        Workspace(tangle).list(path)
    assert str(caught.value) == text.format(path=path)
