"""What becomes of the text that was cut out of a result."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orket.core.contain import contained, describe
from orket.core.results import without_reference

if TYPE_CHECKING:
    from orket.core.calls import ToolResult
    from orket.core.workspace import Workspace

__all__ = ["keep_whole"]


async def keep_whole(result: ToolResult, whole: str, files: Workspace) -> None:
    """Keep the whole where the cut text says it is. Where that fails, the call is as good, and says it no more."""
    with contained() as guard:
        # In a thread, since it may be long and the disk slow.
        await asyncio.to_thread(files.keep, result.call_id, whole)
    if guard.error is not None:
        result.value = without_reference(result.value, result.call_id)

        import logging

        logger, told = logging.getLogger("orket.outputs"), describe(guard.error)
        logger.warning("the whole output of %s was not kept: %s", result.call_id, told)
