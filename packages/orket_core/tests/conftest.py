"""What the tests of several concepts share."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orket.core import beneath, discovery
from orket.core.evidence import Check, Evidence, installed, write
from orket.core.families import TOOL_STRATEGY
from orket.core.settings import Settings
from orket.core.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orket.core.family import NodeRef

FILES = (
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
    "folder/to_file": "../file",
    "folder/deep/top": "../..",
    "dangling": "nothing",
    "dangling_folder": "nothing/inner",
    "file_slash": "file/",
    "file_dot": "file/.",
    "through_file": "file/inner",
    "self": "self",
    "loop_a": "loop_b",
    "loop_b": "loop_a",
    "loop_folder": "loop_folder/inner",
    "out": "..",
    "..out": "../outside",
    "out_file": "../secret",
    "out_folder": "../outside",
    "out_deep": "folder/deep/../../../secret",
    "out_and_back": "../work/file",
    "folder/out": "../../secret",
    "to_out": "out_folder",
    "absolute": "/",
    "absolute_secret": "{top}/secret",
    "absolute_inside": "{top}/work/file",
    "hop1": "file",
    **{f"hop{number}": f"hop{number - 1}" for number in range(2, 42)},
}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in a loop of its own."""
    test: Callable[..., object] = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}))
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Test workspaces with both ways to open beneath a folder, unless a test is about one of them."""
    chosen = [mark for mark in metafunc.definition.iter_markers("parametrize") if mark.args[0] == "opened_by"]
    if "test_workspace" in metafunc.definition.path.name and not chosen:
        metafunc.parametrize("opened_by", ["kernel", "walk"], indirect=True)


@pytest.fixture(autouse=True)
def opened_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two ways to open beneath a folder is in use: ``kernel`` or ``walk``."""
    way: str = getattr(request, "param", "kernel")
    if way == "walk":
        monkeypatch.setattr(beneath, "open_in_kernel", not_offered)
    return way


def not_offered(root: int, path: str, flags: int) -> None:
    """What ``open_in_kernel`` says where the kernel has no ``openat2``."""


REVIEWER = """
from orket.core import hookimpl

class Reviewer:
    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty folder to be a workspace."""
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.fixture
def workspace(work: Path) -> Workspace:
    return Workspace(work)


@pytest.fixture
def tangle(work: Path) -> Path:
    """A workspace full of links, beside things that must not be reached; each file holds its own path."""
    for name in FILES:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    for name in ("secret", "outside/inner", "work2/file"):
        (work.parent / name).parent.mkdir(exist_ok=True)
        (work.parent / name).write_text("SECRET")
    for name, target in LINKS.items():
        (work / name).symlink_to(target.format(top=work.parent))
    return work


@pytest.fixture
def install() -> Callable[..., Path]:
    """Puts the metadata of one distribution into a folder, as an installer would."""

    def install(
        site: Path,
        folder: str,
        entry_points: str | bytes | None = "[orket.tool_strategy]\nread-only = acme.strategy:ReadOnly\n",
        metadata: str | None = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    ) -> Path:
        place = site / folder
        place.mkdir(parents=True)
        if isinstance(entry_points, str):
            entry_points = entry_points.encode()
        if entry_points is not None:
            (place / "entry_points.txt").write_bytes(entry_points)
        if metadata is not None:
            (place / ("METADATA" if folder.endswith(".dist-info") else "PKG-INFO")).write_text(metadata)
        return place

    return install


@pytest.fixture
def own_finders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finders that a test may change, and no catalog kept from another test."""
    importlib.import_module("importlib_metadata")  # now, so that its finder is on the list that is put back
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(discovery, "_kept", None)


@pytest.fixture
def look(own_finders: None) -> Callable[..., discovery.Catalog]:
    """Looks at these entries of a path, whatever was kept."""
    return lambda *path: discovery.discover([str(entry) for entry in path], fresh=True)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_finders: None) -> Iterator[Path]:
    """An empty folder of installed distributions, first on the path; what is imported from it is forgotten after."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setattr("orket.core.sources._finder._expected", {})
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if str(site) in str(getattr(sys.modules[name], "__spec__", "")):
            del sys.modules[name]


@pytest.fixture
def wheel(site: Path) -> Callable[..., Path]:
    """Installs a wheel of these files into the folder of installed distributions, and gives its metadata folder."""

    def wheel(
        name: str,
        files: Mapping[str, str],
        entry_points: str = "",
        *,
        version: str = "1.0",
        requires: Sequence[str] = (),
    ) -> Path:
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        everything = {
            **files,
            f"{info}/METADATA": "\n".join([*metadata, *(f"Requires-Dist: {line}" for line in requires), ""]),
            **({f"{info}/entry_points.txt": entry_points} if entry_points else {}),
            f"{info}/INSTALLER": "pip\n",
        }
        everything[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*everything, f"{info}/RECORD"])
        for file, text in everything.items():
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).write_text(text)
        return site / info

    return wheel


@pytest.fixture
def catalog(
    site: Path, wheel: Callable[..., Path], look: Callable[..., discovery.Catalog]
) -> Callable[[], discovery.Catalog]:
    """What is installed: core, and whatever the test installs."""
    wheel("orket-core", {}, "[orket.tool_strategy]\ndefault = orket.core.defaults:Default\n")
    return lambda: look(site)


@pytest.fixture
def acme(wheel: Callable[..., Path]) -> Callable[..., Path]:
    """Installs the distribution ``acme`` with its node ``reviewer``."""

    def acme(text: str = REVIEWER) -> Path:
        return wheel("acme", {"acme.py": text}, "[orket.tool_strategy]\nreviewer = acme:Reviewer\n")

    return acme


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Settings]:
    """Settings in which the environment asks for a node; evidence is beside the configuration file."""

    def ask(node: str = "reviewer", config: dict[str, object] | None = None) -> Settings:
        environ = {"ORKET_TOOL_STRATEGY_NODE": node}
        return Settings(config, file=str(tmp_path / "orket.toml"), environ=environ)

    return ask


@pytest.fixture
def prove(catalog: Callable[[], discovery.Catalog], ask: Callable[..., Settings]) -> Callable[[], NodeRef]:
    """Writes evidence that ``reviewer`` passed, as it is installed now."""

    def prove() -> NodeRef:
        (ref,) = (ref for ref in catalog().refs if ref.name == "reviewer")
        checks = tuple(Check(name, "passed") for name in TOOL_STRATEGY.checks)
        measured = installed(TOOL_STRATEGY, ref, catalog(), 1)
        write(ask().evidence, ref, Evidence(ref.identity, measured, checks, {}))
        return ref

    return prove
