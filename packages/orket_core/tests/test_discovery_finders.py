"""Archives and the finders of others: what cannot be scanned is asked for."""

from __future__ import annotations

import importlib.abc
import importlib.metadata
import sys
import zipfile
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Install = Callable[..., Path]
    Look = Callable[..., Catalog]

STRATEGY = "[orket.tool_strategy]\nread-only = acme.strategy:ReadOnly\n"


def stated(name: str, version: str = "1.0") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not this\n"


def qualified(refs: Sequence[NodeRef]) -> list[str]:
    return [ref.qualified for ref in refs]


def only_problem(catalog: Catalog) -> str:
    (problem,) = catalog.problems
    return problem.render("warning")


def archive(file: Path, folder: str, entry_points: str, metadata: str | None) -> Path:
    with zipfile.ZipFile(file, "w") as into:
        into.writestr(f"{folder}/entry_points.txt", entry_points)
        if metadata is not None:
            into.writestr(f"{folder}/{'PKG-INFO' if folder == 'EGG-INFO' else 'METADATA'}", metadata)
    return file


def test_archives_are_asked(tmp_path: Path, look: Look) -> None:
    wheel = archive(tmp_path / "a.zip", "acme-1.0.dist-info", STRATEGY, stated("Acme_Zip"))
    egg = archive(tmp_path / "b.egg", "EGG-INFO", "[orket.tools]\nfiles = b:F\n", stated("beta", "2.0"))
    catalog = look(wheel, egg)
    assert [(ref.qualified, ref.version, ref.location) for ref in catalog.refs] == [
        ("acme-zip:read-only", "1.0", f"{wheel}/acme-1.0.dist-info"),
        ("beta:files", "2.0", f"{egg}/EGG-INFO"),
    ]
    assert catalog.problems == ()


def test_an_archive_takes_part_in_the_order_of_the_path(tmp_path: Path, install: Install, look: Look) -> None:
    wheel = archive(tmp_path / "a.zip", "acme-1.0.dist-info", STRATEGY, stated("acme", "0.5"))
    install(tmp_path / "site", "acme-1.0.dist-info")
    assert [ref.version for ref in look(wheel, tmp_path / "site").refs] == ["0.5"]
    assert [ref.version for ref in look(tmp_path / "site", wheel).refs] == ["1.0"]


def test_an_archive_that_changed_is_asked_again(tmp_path: Path, look: Look) -> None:
    wheel = archive(tmp_path / "a.zip", "acme-1.0.dist-info", STRATEGY, stated("acme"))
    assert qualified(look(wheel).refs) == ["acme:read-only"]
    archive(wheel, "beta-1.0.dist-info", STRATEGY, stated("beta"))
    assert qualified(look(wheel).refs) == ["beta:read-only"]


def test_a_distribution_in_an_archive_without_metadata_is_told(tmp_path: Path, look: Look) -> None:
    wheel = archive(tmp_path / "a.zip", "acme-1.0.dist-info", STRATEGY, None)
    catalog = look(wheel)
    assert catalog.refs == ()
    assert only_problem(catalog) == (
        "warning: broken-metadata\n"
        f"  The metadata of a distribution of {wheel} cannot be read.\n"
        f"  looked in: {wheel}\n"
        "  found:     MetadataNotFound: No package metadata was found.\n"
        "  hint:      reinstall the distribution"
    )


def test_a_file_on_the_path_that_is_no_archive_is_told(tmp_path: Path, look: Look) -> None:
    file = tmp_path / "broken.whl"
    file.write_bytes(b"PK\x03\x04 cut short")
    (problem,) = look(file).problems
    assert (problem.code, problem.found) == ("unreadable-path", "BadZipFile: File is not a zip file")


class Shelf(importlib.metadata.Distribution):
    """A distribution that is no folder anywhere."""

    def __init__(self, name: str, entry_points: str = STRATEGY) -> None:
        self.files_by_name = {"METADATA": stated(name), "entry_points.txt": entry_points}

    def read_text(self, filename: str) -> str | None:
        return self.files_by_name.get(filename)

    def locate_file(self, path: object) -> Path:
        raise NotImplementedError


class Librarian(importlib.abc.MetaPathFinder):
    """A finder of somebody else's, which may fail half way."""

    def __init__(self, *names: str, error: BaseException | None = None) -> None:
        self.names = names
        self.error = error
        self.asked: list[object] = []

    def find_spec(self, *_: object) -> None:
        return None

    def find_distributions(self, context: importlib.metadata.DistributionFinder.Context) -> Iterator[Shelf]:
        self.asked.append((context.name, context.path))
        yield from map(Shelf, self.names)
        if self.error is not None:
            raise self.error


def test_a_foreign_finder_is_asked_for_every_name_on_the_path(tmp_path: Path, look: Look) -> None:
    librarian = Librarian("Acme_Shelf")
    sys.meta_path.append(librarian)
    (ref,) = look(tmp_path).refs
    assert librarian.asked == [(None, [str(tmp_path)])]
    assert (ref.qualified, ref.version) == ("acme-shelf:read-only", "1.0")
    assert ref.location == f"{Librarian.__module__}.Librarian:acme-shelf"


def test_finders_take_precedence_in_the_order_of_the_meta_path(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    finders = sys.meta_path
    sys.meta_path = [*finders, Librarian("acme")]
    assert [ref.location for ref in look(tmp_path).refs] == [str(tmp_path / "acme-1.0.dist-info")]
    sys.meta_path = [Librarian("acme"), *finders]
    assert [ref.location for ref in look(tmp_path).shadowed] == [str(tmp_path / "acme-1.0.dist-info")]


@pytest.mark.parametrize("error", [RuntimeError("shelf on fire"), SystemExit("shelf on fire")])
def test_a_foreign_finder_that_raises_is_told_and_hides_nothing(
    error: BaseException, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    sys.meta_path.insert(0, Librarian("shelf", error=error))
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only", "shelf:read-only"]
    source = f"{Librarian.__module__}.Librarian"
    (problem,) = (problem for problem in catalog.problems if problem.code == "broken-finder")
    assert problem.render("warning") == (
        "warning: broken-finder\n"
        f"  The distributions of {source} cannot be listed.\n"
        f"  looked in: {source}\n"
        f"  found:     {type(error).__name__}: shelf on fire\n"
        "  hint:      repair or remove it: what it supplies may be missing"
    )


def test_a_finder_that_cannot_even_be_asked_is_passed_over(
    tmp_path: Path, install: Install, look: Look
) -> None:
    class Hostile(importlib.abc.MetaPathFinder):
        def find_spec(self, *_: object) -> None:
            return None

        @property
        def find_distributions(self) -> object:
            raise RuntimeError("not today")

    install(tmp_path, "acme-1.0.dist-info")
    sys.meta_path.insert(0, Hostile())
    assert qualified(look(tmp_path).refs) == ["acme:read-only"]


def test_copies_of_importlib_metadata_find_nothing_twice(
    tmp_path: Path, install: Install, look: Look
) -> None:
    """Each stands on the meta path for the path as a whole, and installing one leaves the others there."""

    class Vendored(Librarian):
        __module__ = "acme._vendor.importlib_metadata"

    install(tmp_path, "acme-1.0.dist-info", STRATEGY + "nonsense\n")
    sys.meta_path += [Vendored("twice"), Librarian()]
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only"]
    assert catalog.shadowed == ()
    assert [problem.code for problem in catalog.problems] == ["bad-entry-point"]


def test_the_interpreters_own_finder_is_not_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install, look: Look
) -> None:
    """It searches the same path as the scan, so a second look there could only find everything twice."""
    install(tmp_path, "acme-1.0.dist-info")

    def find_again(*_: object) -> list[Shelf]:
        return [Shelf("twice")]

    monkeypatch.setattr(PathFinder, "find_distributions", find_again, raising=False)
    assert qualified(look(tmp_path).refs) == ["acme:read-only"]
