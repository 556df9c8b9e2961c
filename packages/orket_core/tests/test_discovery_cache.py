"""When the answer of an earlier look is given again."""

from __future__ import annotations

import importlib.abc
import importlib.metadata
import os
import sys
from typing import TYPE_CHECKING

import pytest

from orket.core import discovery
from orket.core.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Install = Callable[..., Path]
    Look = Callable[..., Catalog]


def stated(name: str, version: str = "1.0") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not this\n"


class Counting(importlib.abc.MetaPathFinder):
    """A finder of somebody else's that has nothing to offer and counts how often it was asked."""

    asked = 0

    def find_spec(self, *_: object) -> None:
        return None

    def find_distributions(self, context: object) -> Sequence[importlib.metadata.Distribution]:
        self.asked += 1
        return ()


def qualified(refs: Sequence[NodeRef]) -> list[str]:
    return [ref.qualified for ref in refs]


@pytest.fixture
def settled(own_finders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust folders that have just changed, so that no test has to wait until they settle."""
    monkeypatch.setattr(discovery, "_SETTLED_NS", -(10**12))


@pytest.mark.usefixtures("settled")
def test_an_unchanged_path_gives_the_answer_that_was_kept(tmp_path: Path, install: Install) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    assert discover([str(tmp_path)]) is discover((str(tmp_path),))


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("change", ["install", "remove", "rename", "longer path", "other finders"])
def test_a_change_is_seen_by_the_next_call(change: str, tmp_path: Path, install: Install) -> None:
    site, other = tmp_path / "site", tmp_path / "other"
    place = install(site, "acme-1.0.dist-info")
    other.mkdir()
    path = [str(site)]
    before = discover(path)
    then = os.stat(site)
    match change:
        case "install":
            install(site, "beta-1.0.dist-info")
        case "remove":
            (place / "entry_points.txt").unlink()
            (place / "METADATA").unlink()
            place.rmdir()
        case "rename":
            place.rename(site / "~cme-1.0.dist-info")
        case "longer path":
            path.append(str(other))
        case _:
            sys.meta_path.append(Counting())
    if os.stat(site).st_ctime_ns != then.st_ctime_ns:
        # Set back to what it was, as unpacking tools do: the change of the status still shows.
        os.utime(site, ns=(then.st_atime_ns, then.st_mtime_ns))
    after = discover(path)
    assert after is not before
    assert (after == before) is (change in {"longer path", "other finders"})


@pytest.mark.usefixtures("settled")
def test_a_new_working_directory_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install
) -> None:
    install(tmp_path / "a", "acme-1.0.dist-info")
    install(tmp_path / "b", "beta-1.0.dist-info", metadata=stated("beta"))
    monkeypatch.chdir(tmp_path / "a")
    assert qualified(discover([""]).refs) == ["acme:read-only"]
    monkeypatch.chdir(tmp_path / "b")
    assert qualified(discover([""]).refs) == ["beta:read-only"]


@pytest.mark.usefixtures("settled")
def test_an_edit_inside_a_metadata_folder_is_seen_with_fresh_alone(tmp_path: Path, install: Install) -> None:
    place = install(tmp_path, "acme-1.0.dist-info")
    path = [str(tmp_path)]
    before = discover(path)
    (place / "entry_points.txt").write_text("[orket.tools]\nfiles = acme:FILES\n")
    assert discover(path) is before
    assert qualified(discover(path, fresh=True).refs) == ["acme:files"]
    assert qualified(discover(path).refs) == ["acme:files"]


def test_the_answer_about_a_folder_that_changed_just_now_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install
) -> None:
    """A second change within the same tick of the clock would leave no trace."""
    install(tmp_path, "acme-1.0.dist-info")
    changed = os.stat(tmp_path).st_ctime_ns
    path = [str(tmp_path)]
    monkeypatch.setattr("time.time_ns", lambda: changed + 1_000_000)
    assert discover(path) is not discover(path)
    monkeypatch.setattr("time.time_ns", lambda: changed + 1_000_000_000)
    assert discover(path) is discover(path)


@pytest.mark.usefixtures("settled")
def test_nothing_is_kept_while_there_is_a_foreign_finder(tmp_path: Path) -> None:
    finder = Counting()
    sys.meta_path.append(finder)
    path = [str(tmp_path)]
    assert discover(path) == discover(path)
    assert finder.asked == 2
