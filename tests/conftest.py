"""What the tests of the whole share: where the repository is, and what its members say of themselves."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT_BEHIND = {
    ".git",
    ".hatch",
    ".hypothesis",
    ".nox",
    ".orket",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "htmlcov",
}


def _load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file of the repository, without what tools leave behind."""
    found: list[Path] = []
    for folder, names, leaves in os.walk(ROOT):
        names[:] = [name for name in names if name not in LEFT_BEHIND and not name.endswith("_cache")]
        found += [
            Path(folder, leaf) for leaf in leaves if leaf != "uv.lock" and not leaf.startswith(".coverage")
        ]
    return found


@pytest.fixture(scope="session")
def workspace() -> dict[str, Any]:
    """The root `pyproject.toml`."""
    return _load(ROOT / "pyproject.toml")


@pytest.fixture(scope="session")
def members() -> dict[Path, dict[str, Any]]:
    """The `pyproject.toml` of each folder under `packages/`."""
    return {path.parent: _load(path) for path in sorted(ROOT.glob("packages/*/pyproject.toml"))}
