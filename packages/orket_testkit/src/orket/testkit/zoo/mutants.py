"""Every broken strategy, each with the one law that must reject it."""

from __future__ import annotations

from orket.testkit.zoo import mutants_declared, mutants_memory, mutants_offers, mutants_tools, mutants_world
from orket.testkit.zoo.subjects import BY_THEMSELVES, Entry

__all__ = ["MUTANTS", "NOISY"]

_IMPORTS = {
    "raises": "Its import raises.",
    "exits": "Its import asks the program to leave.",
    "ends": "Its import ends the process.",
    "hangs": "Its import does not end.",
    "prints": "Its import prints a line.",
    "floods": "Its import prints megabytes.",
    "threads": "Its import starts a thread.",
    "programs": "Its import runs a program.",
    "connects": "Its import opens a socket.",
    "writes": "Its import writes a file.",
    "moves": "Its import changes the working directory.",
    "sets": "Its import sets a variable of the environment.",
    "handles": "Its import takes over a signal.",
    "extends": "Its import changes where modules are found.",
    "hushes": "Its import silences warnings.",
    "logs": "Its import sets up logging.",
    "patches": "Its import changes Orket itself.",
    "seeds": "Its import seeds everybody's random numbers.",
    "waits": "Its import sets a time-out for everybody's sockets.",
    "trusts": "Its import switches off the check of certificates, for everybody.",
}

NOISY = tuple(
    Entry(
        f"import-{name}", f"orket.testkit.zoo.noisy.{name}:Node", "import-quiet", about, asked=BY_THEMSELVES
    )
    for name, about in _IMPORTS.items()
)
"""Nodes whose import does something."""

MUTANTS: tuple[Entry, ...] = (
    *mutants_offers.SHELF.entries,
    *mutants_tools.SHELF.entries,
    *mutants_world.SHELF.entries,
    *mutants_memory.SHELF.entries,
    *mutants_declared.SHELF.entries,
    *NOISY,
)
"""All of them."""
