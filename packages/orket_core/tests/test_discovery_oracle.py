"""Discovery gives the answer of importlib-metadata, on hundreds of random site directories."""

from __future__ import annotations

import gc
import re
import sys
import tempfile
import zipfile
from collections import Counter
from importlib import import_module
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import importlib_metadata
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orket.core.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orket.core.discovery import Catalog

pytestmark = pytest.mark.skipif(
    int(importlib_metadata.version("importlib_metadata").partition(".")[0]) < 10,
    reason="importlib-metadata before 10 does not prefer whole distributions, so it cannot be the oracle",
)

SITES = 600
# On how many sites each kind must have had a say in the answer, lest both sides agree on having seen nothing.
AT_LEAST = {
    "folder": 100,
    "zip": 30,
    "egg": 15,
    "zipped egg": 10,
    "cwd": 20,
    "twice": 20,
    "editable": 20,
    "foreign finder first": 15,
    "foreign finder last": 10,
    "dist-info": 100,
    "egg-info": 40,
    "egg-info file": 40,
    "leftover ~": 15,
    "without metadata": 20,
    "broken metadata": 20,
    "shadowed": 40,
    "shadowed by a name spelt otherwise": 20,
    "whole one preferred": 10,
    "comment": 40,
    "extras": 40,
    "capitals": 20,
    "nothing of ours": 20,
}


class Known(Protocol):
    """A distribution as the oracle gives it."""

    version: str

    def read_text(self, filename: str) -> str | None: ...


class Point(Protocol):
    """An entry point as the oracle gives it."""

    group: str
    name: str
    value: str
    dist: Known


class Package(NamedTuple):
    """One distribution to lay out; ``kind`` is how its metadata is kept."""

    name: str
    version: str
    kind: str
    entry_points: str | None
    metadata: str


NAMES = ("acme", "acme_tools", "Acme.Tools", "acme__tools", "beta", "Beta", "~eta", "gamma.x")
LINES = (
    "[orket.tool_strategy]",
    "[orket.tools]",
    "  [Orket.observers]",
    "[console_scripts]",
    "# orket, but only a comment",
    "",
    "one = acme:One",
    "  two=acme.two : Two [extra1, extra2]  ",
    "three = a=b # no comment",
    "four = beta",
)
entry_points = st.lists(st.sampled_from(LINES), max_size=7).map("\r\n".join)
packages = st.builds(
    Package,
    name=st.sampled_from(NAMES),
    version=st.sampled_from(("1.0", "2.0")),
    kind=st.sampled_from(("dist-info", "dist-info", "dist-info", "egg-info", "egg-info file")),
    entry_points=st.one_of(st.none(), entry_points, entry_points.map("[orket.tools]\nfirst = x:Y\n".__add__)),
    metadata=st.sampled_from(("whole", "whole", "whole", "absent", "broken")),
)
KINDS = (
    *("zip", "egg", "zipped egg", "twice", "cwd", "absent"),
    *("editable", "foreign finder first", "foreign finder last"),
)
# One name once in a folder: which of two wins depends on the order of the file system.
folders = st.tuples(
    st.sampled_from(("folder", "folder", "folder", *KINDS)),
    st.lists(packages, min_size=1, max_size=3, unique_by=lambda p: normalised(p.name)),
)


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lay_out(root: Path, kind: str, contents: list[Package], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make one folder or archive, and give the entries of the path that lead to it."""
    folder = root / "x-1.0.egg" if kind in {"egg", "zipped egg"} else root / "site"
    if kind == "absent":
        return [str(folder)]
    in_egg = kind in {"egg", "zipped egg"}
    folder.mkdir(parents=True)
    for package in contents[:1] if in_egg else contents:
        metadata = f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n\nName: no\n"
        # An egg has its name from its metadata alone, and what is asked for and not scanned its version: without,
        # the oracle raises.
        has_to = in_egg or kind == "zip" or kind.startswith("foreign")
        if package.metadata == "broken" and not has_to:
            metadata = f"Metadata-Version: 2.1\nSummary: {package.name}\n\nVersion: no\n"
        stem = f"{package.name}-{package.version}"
        if in_egg:
            place, file = folder / "EGG-INFO", "PKG-INFO"
        elif package.kind == "egg-info file":
            (folder / f"{stem}.egg-info").write_text(metadata)
            continue
        else:
            place = folder / f"{stem}.{package.kind}"
            file = "METADATA" if package.kind == "dist-info" else "PKG-INFO"
        place.mkdir()
        if package.metadata != "absent" or has_to:
            (place / file).write_text(metadata)
        if package.entry_points is not None:
            (place / "entry_points.txt").write_text(package.entry_points, newline="")
    if kind in {"zip", "zipped egg"}:
        return [str(packed(folder))]
    if kind == "cwd":
        monkeypatch.chdir(folder)
        return [""]
    if kind == "editable":
        return [str(folder), str(source_tree(folder, contents[0]))]
    if kind.startswith("foreign"):
        finder, finders = Foreign(folder), sys.meta_path
        both = [finder, *finders] if kind.endswith("first") else [*finders, finder]
        monkeypatch.setattr(sys, "meta_path", both)
        return []
    return [str(folder), str(folder)] if kind == "twice" else [str(folder)]


def source_tree(folder: Path, package: Package) -> Path:
    """Of an editable installation: the project, which a .pth file puts on the path, with metadata of its own."""
    project = folder.parent / "project"
    info = project / f"{package.name}.egg-info"
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {package.name}\nVersion: 0.9\n\n")
    (info / "entry_points.txt").write_text("[orket.tools]\nsource = x:Y\n")
    (folder / f"__editable__.{package.name}.pth").write_text(f"{project}\n")
    return project


class Foreign(MetaPathFinder):
    """A finder that knows of distributions in a folder that is not on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(self, *_: object) -> None:
        return None

    def find_distributions(self, context: object) -> list[object]:
        return [importlib_metadata.Distribution.at(place) for place in sorted(self.folder.iterdir())]


def packed(folder: Path) -> Path:
    archive = folder.with_name(f"packed-{folder.name}")
    with zipfile.ZipFile(archive, "w") as into:
        for file in sorted(folder.rglob("*")):
            into.write(file, file.relative_to(folder))
    return archive


def oracle(path: list[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """What importlib-metadata says is in effect, with the fields of a ``NodeRef``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", path)
        points = cast("Iterable[Point]", importlib_metadata.entry_points())  # pyright: ignore[reportUnknownMemberType] # its parameters have no types
    for point in points:
        if point.group.lower().startswith("orket"):
            metadata = point.dist.read_text("METADATA") or point.dist.read_text("PKG-INFO") or ""
            version = point.dist.version if "\nName:" in metadata else ""
            yield point.group, point.name, point.value, known_as(point.dist), version


def known_as(distribution: object) -> str:
    return normalised(str(getattr(distribution, "_normalized_name", "")))


def kinds(root: str, sites: list[tuple[str, list[Package]]], catalog: Catalog) -> Iterator[str]:
    """Each kind of site, of metadata and of line that had a say in this catalog."""

    def number(location: str) -> int:
        return int(Path(location).relative_to(root).parts[0])

    for ref in catalog.refs:
        yield sites[number(ref.location)][0]
        yield ref.location.rpartition(".")[2]
        if ref.distribution.startswith("~"):
            yield "leftover ~"
        if not ref.version:
            stated = any(Path(ref.location, file).exists() for file in ("METADATA", "PKG-INFO"))
            yield "broken metadata" if stated else "without metadata"
        if ref.value.endswith("]"):
            yield "extras"
        if ref.group.startswith("Orket"):
            yield "capitals"
        entry_points = Path(ref.location, "entry_points.txt")
        if entry_points.exists() and "#" in entry_points.read_text():
            yield "comment"
    for ref in catalog.shadowed:
        winner = catalog.metadata[ref.distribution]
        yield "shadowed"
        if Path(ref.location).name.partition("-")[0] != Path(winner).name.partition("-")[0]:
            yield "shadowed by a name spelt otherwise"
        if number(ref.location) < number(winner):
            yield "whole one preferred"
    if any(Path(place).is_file() for place in catalog.metadata.values()):
        yield "egg-info file"
    if not catalog.refs:
        yield "nothing of ours"


# The oracle leaves archives open; they are collected before other tests can be blamed for it.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_discovery_agrees_with_importlib_metadata_on_every_site() -> None:
    # The oracle imports this on demand, swallows that it cannot while sys.path is patched, and sees no archive then.
    import_module("zipp.compat.overlay")
    seen: Counter[str] = Counter()

    @settings(
        max_examples=SITES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(folders, min_size=1, max_size=4))
    def compare(sites: list[tuple[str, list[Package]]]) -> None:
        with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
            path: list[str] = []
            for number, (kind, contents) in enumerate(sites):
                path += lay_out(Path(root, str(number)), kind, contents, patch)
            catalog = discover(path, fresh=True)
            assert [ref[:5] for ref in catalog.refs] == sorted(oracle(path))
            distributions = importlib_metadata.distributions(path=path)  # pyright: ignore[reportUnknownMemberType] # nor here
            assert set(catalog.metadata) == set(map(known_as, distributions))
            seen.update(set(kinds(root, sites, catalog)))

    try:
        compare()
    finally:
        importlib_metadata.MetadataPathFinder.invalidate_caches()
        gc.collect()
    assert {kind: seen[kind] for kind, least in AT_LEAST.items() if seen[kind] < least} == {}
