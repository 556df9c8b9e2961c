"""What the tests of the examples share."""

import os
import shutil
from pathlib import Path

import pytest

from orket.core import Settings
from orket.testkit import prove


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the machine says about Orket counts."""
    for name in [name for name in os.environ if name.startswith("ORKET_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `orket prove read-only` writes, once for all examples."""
    folder = tmp_path_factory.mktemp("proved")
    assert prove("read-only", settings=Settings(file=str(folder / "orket.toml"))).passed
    return folder / ".orket"


@pytest.fixture
def project(
    request: pytest.FixtureRequest, evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The working directory: the example's configuration, a proved node, and one file that agents may read."""
    shutil.copy(request.path.parents[1] / "orket.toml", tmp_path)
    shutil.copytree(evidence, tmp_path / ".orket")
    (tmp_path / "todo.txt").write_text("water the plants\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(
    params=[
        pytest.param((None, ["read_file", "write_file", "list_directory"]), id="default"),
        pytest.param(("read-only", ["read_file", "list_directory"]), id="read-only"),
    ]
)
def offered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Flips the variable, and nothing else; gives the tools that a model then has to see."""
    node, names = request.param
    if node is not None:
        monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", node)
    return list(names)
