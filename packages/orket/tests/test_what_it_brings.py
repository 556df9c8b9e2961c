"""Installing `orket` brings what the README promises, and everything it registers can be loaded."""

from importlib.metadata import entry_points

import pytest

PROMISED = [
    ("console_scripts", "orket", "orket-cli"),
    ("orket.tool_runner", "inline", "orket-core"),
    ("orket.tool_strategy", "default", "orket-core"),
    ("orket.tool_strategy", "read-only", "orket-strategy-read-only"),
    ("orket.tool_strategy", "role", "orket-strategy-role"),
    ("orket.tools", "editing", "orket-tools"),
    ("orket.tools", "files", "orket-tools"),
    ("orket.tools", "shell", "orket-tools"),
]


@pytest.mark.parametrize(("group", "name", "distribution"), PROMISED)
def test_it_brings(group: str, name: str, distribution: str) -> None:
    registered = {entry.dist.name: entry for entry in entry_points(group=group, name=name) if entry.dist}

    assert registered[distribution].load() is not None
