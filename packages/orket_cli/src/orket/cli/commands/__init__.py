"""The commands: each is the module of its name, with ``arguments(parser)`` and ``run(arguments, screen)``."""

from __future__ import annotations

__all__ = ["COMMANDS"]

COMMANDS = {
    "nodes": "Which nodes are installed, which are active, and what the gate says of each.",
    "explain": "Why this node of a family: who asked, what was considered, who lost, what the gate said.",
    "tools": "Which tools an agent is offered, and why the others are not.",
    "call": "Call one tool through the seam that an agent's calls pass.",
    "demo": "Play a recorded session under several nodes, or a recording of your own on a copy of your folder.",
    "prove": "Check an installed node against its family's laws, and write the evidence that the gate asks for.",
    "doctor": "What is installed, broken or nearly right, and which configuration is in force.",
}
