"""`docs/performance.md` says what every row of the benchmarks measures."""

import re
from pathlib import Path

import pytest


@pytest.fixture
def document(root: Path) -> str:
    return (root / "docs/performance.md").read_text(encoding="utf-8")


def test_the_document_names_every_module_with_rows_and_no_other(root: Path, document: str) -> None:
    with_rows = {
        path.stem
        for path in (root / "benchmarks").glob("*.py")
        if re.search(r"^ROWS = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert set(re.findall(r"`benchmarks/(\w+)\.py`", document)) == with_rows
