"""What the tests of the examples share."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the machine says about Orket counts."""
    for name in [name for name in os.environ if name.startswith("ORKET_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: the example's configuration, and one file that agents may read."""
    shutil.copy(request.path.parents[1] / "orket.toml", tmp_path)
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
