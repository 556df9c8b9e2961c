"""The frozen calls: every baseline tool, every path of its errors, and the traces that once told nodes apart.

They stand in ``corpus.json`` in the form of traces, so that a trace of a new divergence is one more entry there.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from orket.testkit.parity.scenes import Scene

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["corpus", "scenes_with"]


@cache
def corpus() -> tuple[Scene, ...]:
    """Every frozen scene, in order."""
    text = files("orket.testkit.parity").joinpath("corpus.json").read_text("utf-8")
    return tuple(map(Scene.from_dict, json.loads(text)))


def scenes_with(tools: Collection[str]) -> tuple[Scene, ...]:
    """The frozen scenes in which one of these tools is called."""
    return tuple(scene for scene in corpus() if any(call.tool in tools for call in scene.calls))
