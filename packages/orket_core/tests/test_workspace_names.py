"""Any name that the file system takes is just a name, and a path may be deep."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from orket.core.workspace import Workspace


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        " leading",
        "trailing ",
        "trailing.",
        "-rf",
        "--help",
        "*",
        "?",
        "a;b",
        "$(id)",
        "`id`",
        "'single'",
        '"double"',
        "back\\slash",
        "C:\\x",
        "con",
        "nul.txt",
        "new\nline",
        "tab\t",
        "\x1b[31mred",
        "\x7f",
        "....",
        "..a",
        "%2e%2e",
        "~",
        "#",
        "é",
        "e\u0301",
        "漢字",
        "🙂",
        "\u202eright to left",
        "\ufeffmark",
        "\uffff",
        "x" * 255,
        "🙂" * 63,
    ],
)
def test_a_naughty_name_is_just_a_name(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.write_text(f"folder/{name}", "text") == f"folder/{name}"
    assert workspace.read_text(f"folder/{name}") == "text"
    assert workspace.list("folder") == [name]


def test_a_deep_path_takes_no_more_descriptors_than_a_short_one(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    deep = "d/" * 150
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/dev/fd"))) + 20, hard))
    try:
        workspace.write_text(f"{deep}file", "text")
        assert workspace.read_text(f"{deep}{'../' * 100}{'d/' * 100}file") == "text"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
