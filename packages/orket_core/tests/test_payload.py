"""Which files make up a distribution: the same whoever installed it, and none that nobody shipped."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from orket.core.errors import OrketError
from orket.core.payload import digest, payload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Wheel = Callable[..., Path]

FILES = {
    "acme/__init__.py": "",
    "acme/strategy.py": "class Reviewer: ...\n",
    "acme/orket-node.toml": "[reviewer]\ncontract = 1\n",
    "acme/words.txt": "please\n",
}
ENTRY_POINTS = "[orket.tool_strategy]\nreviewer = acme.strategy:Reviewer\n"


def digest_of(info: Path) -> str:
    return digest(payload(str(info)).hashes())


def files_of(info: Path) -> list[str]:
    return sorted(payload(str(info)).files)


def strays_of(info: Path) -> tuple[str, ...]:
    return payload(str(info)).strays


def record(info: Path, *lines: str) -> None:
    with (info / "RECORD").open("a") as stream:
        stream.writelines(f"{line},,\n" for line in lines)


@pytest.fixture
def info(wheel: Wheel) -> Path:
    return wheel("acme", FILES, ENTRY_POINTS)


# What belongs to it


def test_code_data_declaration_and_entry_points_belong_to_a_distribution(info: Path) -> None:
    assert files_of(info) == [
        "acme/__init__.py",
        "acme/orket-node.toml",
        "acme/strategy.py",
        "acme/words.txt",
        "entry_points.txt",
    ]
    assert not payload(str(info)).editable


def test_scripts_and_whatever_lies_outside_the_folder_of_installed_distributions_do_not(
    info: Path, tmp_path: Path
) -> None:
    record(info, "../bin/acme", str(tmp_path / "bin/acme"), "../share/acme/manual.txt")
    assert "acme/strategy.py" in files_of(info)
    assert not [name for name in files_of(info) if "bin" in name or "share" in name]


def test_a_package_that_is_called_as_the_folder_of_scripts_does(wheel: Wheel) -> None:
    assert files_of(wheel("bin", {"bin/__init__.py": "", "bin/words.py": ""})) == [
        "bin/__init__.py",
        "bin/words.py",
    ]


def test_a_distribution_without_entry_points_has_its_files(wheel: Wheel) -> None:
    assert files_of(wheel("plain", {"plain.py": ""})) == ["plain.py"]


# One wheel, one digest


def as_uv_would(site: Path) -> None:
    info = site / "acme-1.0.dist-info"
    (info / "INSTALLER").write_text("uv")
    (info / "REQUESTED").write_text("")
    (info / "direct_url.json").write_text(json.dumps({"url": "file:///wheels/acme.whl", "archive_info": {}}))
    record(info, f"{info.name}/REQUESTED", f"{info.name}/direct_url.json", "../../bin/acme")


def into_a_folder_with_scripts(site: Path) -> None:
    """``uv pip install --target`` records scripts beside packages; pip records them two folders above."""
    (site / "bin").mkdir()
    (site / "bin/acme").write_text("#!/some/python\n")
    record(site / "acme-1.0.dist-info", "bin/acme")


def with_compiled_files(site: Path) -> None:
    cache = site / "acme" / "__pycache__"
    cache.mkdir()
    (cache / "strategy.cpython-311.pyc").write_bytes(b"compiled")
    record(site / "acme-1.0.dist-info", "acme/__pycache__/strategy.cpython-311.pyc")


def in_another_order(site: Path) -> None:
    file = site / "acme-1.0.dist-info" / "RECORD"
    file.write_text("\n".join(reversed(file.read_text().splitlines())))


def without_what_only_installers_read(site: Path) -> None:
    info = site / "acme-1.0.dist-info"
    (info / "INSTALLER").unlink()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: acme\nVersion: 1.0\n")


@pytest.mark.parametrize(
    "change",
    [
        as_uv_would,
        into_a_folder_with_scripts,
        with_compiled_files,
        in_another_order,
        without_what_only_installers_read,
    ],
)
def test_the_same_wheel_gives_one_digest_however_it_was_installed(
    change: Callable[[Path], None], info: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(info.parent, other)
    change(other)
    assert digest_of(other / info.name) == digest_of(info)
    assert strays_of(other / info.name) == ()


@pytest.mark.parametrize("name", [*FILES, "acme-1.0.dist-info/entry_points.txt"])
def test_one_byte_more_in_any_of_its_files_gives_another_digest(name: str, info: Path) -> None:
    before = digest_of(info)
    file = info.parent / name
    file.write_text(file.read_text() + "\n")
    assert digest_of(info) != before


def test_a_digest_is_of_names_and_contents_and_not_of_their_order() -> None:
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    assert digest({"a": "1", "b": "2"}) != digest({"a": "2", "b": "1"})
    assert digest({"a": "1"}) != digest({"b": "1"})


def test_a_digest_is_written_as_evidence_keeps_it() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest({}) == f"sha256:{empty}"


# Strays


@pytest.mark.parametrize(
    "name",
    ["acme/patch.py", "acme/deep/patch.py", "acme/patch.pyc", "acme/patch.cpython-311-x86_64-linux-gnu.so"],
)
def test_an_importable_file_that_its_record_does_not_know_is_a_stray(name: str, info: Path) -> None:
    file = info.parent / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    assert strays_of(info) == (name,)


def test_an_importable_file_behind_a_link_is_a_stray(info: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/patch.py").write_text("")
    (tmp_path / "shared/back").symlink_to(info.parent / "acme")
    (info.parent / "acme/inner").symlink_to(tmp_path / "shared")
    assert strays_of(info) == ("acme/inner/patch.py",)


@pytest.mark.parametrize("name", ["acme/notes.txt", "acme/__pycache__/strategy.cpython-311.pyc", "beside.py"])
def test_what_cannot_be_imported_from_its_folders_is_no_stray(name: str, info: Path) -> None:
    file = info.parent / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    assert strays_of(info) == ()


def test_a_file_that_another_distribution_puts_into_its_package_is_a_stray(info: Path, wheel: Wheel) -> None:
    wheel("beta", {"acme/patch.py": "", "beta.py": ""})
    assert strays_of(info) == ("acme/patch.py",)


def test_distributions_may_share_a_namespace(wheel: Wheel) -> None:
    one = wheel("acme-one", {"acme/one/__init__.py": "", "acme/flat.py": ""})
    two = wheel("acme-two", {"acme/two/__init__.py": "", "acme/level.py": ""})
    assert files_of(one) == ["acme/flat.py", "acme/one/__init__.py"]
    assert strays_of(one) == strays_of(two) == ()


def test_a_file_in_a_namespace_that_no_record_knows_is_a_stray(wheel: Wheel) -> None:
    one = wheel("acme-one", {"acme/one/__init__.py": "", "acme/flat.py": ""})
    wheel("acme-two", {"acme/level.py": ""})
    (one.parent / "acme/dropped.py").write_text("")
    assert strays_of(one) == ("acme/dropped.py",)


# Editable


def editable(wheel: Wheel, project: Path, pth: str | None) -> Path:
    """An installation of ``project`` in place, as PEP 660 has it."""
    info = wheel("acme", {} if pth is None else {"_acme.pth": pth}, ENTRY_POINTS)
    origin = {"url": project.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    return info


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "my project"
    for name, text in FILES.items():
        (project / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "src" / name).write_text(text)
    return project


def test_an_editable_installation_is_its_source_tree_and_is_marked(wheel: Wheel, project: Path) -> None:
    info = editable(wheel, project, f"{project / 'src'}\n")
    assert payload(str(info)).editable
    assert files_of(info) == [*sorted(FILES), "entry_points.txt"]


def test_the_folders_of_its_pth_file_count_from_the_folder_of_that_file(wheel: Wheel, project: Path) -> None:
    (project / "src").rename(project / "lib")
    info = editable(wheel, project, "# where it is\n\nimport something\n../my project/lib  \n")
    assert files_of(info) == [*sorted(FILES), "entry_points.txt"]


def test_without_a_pth_file_the_source_folder_of_the_project_counts(wheel: Wheel, project: Path) -> None:
    assert files_of(editable(wheel, project, None)) == [*sorted(FILES), "entry_points.txt"]


def test_a_project_without_a_source_folder_counts_whole(wheel: Wheel, project: Path) -> None:
    shutil.move(project / "src" / "acme", project / "acme")
    (project / "src").rmdir()
    assert files_of(editable(wheel, project, None)) == [*sorted(FILES), "entry_points.txt"]


def test_caches_and_hidden_folders_of_a_source_tree_do_not_count(wheel: Wheel, project: Path) -> None:
    info = editable(wheel, project, None)
    before = digest_of(info)
    for name in ("acme/__pycache__/x.pyc", ".git/config"):
        (project / "src" / name).parent.mkdir(exist_ok=True)
        (project / "src" / name).write_text("")
    assert digest_of(info) == before


def test_an_edit_of_the_source_tree_gives_another_digest(wheel: Wheel, project: Path) -> None:
    info = editable(wheel, project, None)
    before = digest_of(info)
    (project / "src" / "acme" / "new.py").write_text("")
    assert digest_of(info) != before


def test_what_a_source_tree_links_to_and_what_needs_no_source_counts(
    wheel: Wheel, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/words.py").write_text("")
    (project / "src/acme/shared").symlink_to(tmp_path / "shared")
    (project / "src/acme/acme").symlink_to(project / "src/acme")
    (project / "src/acme/old.pyc").write_text("")
    added = {"acme/shared/words.py", "acme/old.pyc"}
    assert set(files_of(editable(wheel, project, None))) == {*FILES, *added, "entry_points.txt"}


def test_an_installation_from_a_local_folder_is_not_editable(info: Path) -> None:
    (info / "direct_url.json").write_text(json.dumps({"url": "file:///acme", "dir_info": {}}))
    assert not payload(str(info)).editable


# What cannot be told


def test_without_a_record_nobody_can_tell_what_was_installed(info: Path) -> None:
    (info / "RECORD").unlink()
    with pytest.raises(OrketError) as caught:
        payload(str(info))
    assert str(caught.value) == (
        "error: broken-metadata\n"
        f"  What was installed cannot be told: [Errno 2] No such file or directory: '{info}/RECORD'.\n"
        f"  looked in: {info}\n"
        "  hint:      install the distribution again, from a wheel"
    )


def test_a_file_that_is_recorded_and_gone_is_told(info: Path) -> None:
    file = info.parent / "acme/strategy.py"
    file.unlink()
    with pytest.raises(OrketError) as caught:
        digest_of(info)
    assert str(caught.value) == (
        "error: broken-metadata\n"
        f"  What was installed cannot be told: [Errno 2] No such file or directory: '{file}'.\n"
        f"  looked in: {file}\n"
        "  hint:      install the distribution again, from a wheel"
    )


def test_a_record_in_another_encoding_is_told(info: Path) -> None:
    (info / "RECORD").write_bytes(b"caf\xe9.py,,\n")
    with pytest.raises(OrketError, match="What was installed cannot be told: 'utf-8' codec can't decode"):
        payload(str(info))
