"""The node: what travels is run in a worker process, and what came of it is told as the host's executor knows it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import finalize

from orket.core import CallDenied, CallEnded, CallKilled, ToolError, hookimpl
from orket.core.defaults import Inline
from orket.core.results import BadResult, TooLarge
from orket.runners.process import confinement, options
from orket.runners.process.pool import Pool
from orket.runners.process.quarantine import Quarantine
from orket.runners.process.travel import place_of, reference_of, request
from orket.runners.process.workers import Gone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from orket.core import CallContext, Status, Tool
    from orket.runners.process.frames import Frame
    from orket.runners.process.workers import End, Worker

__all__ = ["Process"]

_RAISED = {"ToolError": ToolError, "BadResult": BadResult, "TooLarge": TooLarge}


class Process:
    """Run calls in worker processes. Tools of the host, which no other process finds, run in the host."""

    Options = options.Options

    def __init__(self, options: options.Options | None = None) -> None:
        """Start nothing: the first call does."""
        self._options = self.Options() if options is None else options
        self._inline = Inline()
        self._pool = Pool(self._options)
        self._quarantine = Quarantine(self._options.restarts)
        self._end = finalize(self, self._pool.close)

    @hookimpl
    def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Awaitable[object]:
        """Run a call in a worker, or in the host where it cannot travel."""
        reference = reference_of(tool)
        if reference is None:
            if tool.confine:
                raise CallDenied(
                    f"'{tool.name}' runs only where it is confined, and no other process can find it: define it as "
                    f"a function of a module"
                )
            return self._inline.run(tool, arguments, context)
        if tool.confine and (missing := confinement.missing()):
            raise CallDenied(
                f"'{tool.name}' runs only where it is confined, and nothing confines it here: {missing}"
            )
        return self._away(reference, tool, arguments, context)

    def confinement(self) -> dict[str, str]:
        """What confines calls on this machine, and why the rest does not, in plain words."""
        return confinement.facts(network=self._options.network, writable=self._options.writable)

    def close(self) -> None:
        """End every worker, whatever it does. Calls under way end; later ones are refused."""
        self._end()
        self._inline.close()

    async def _away(
        self, reference: str, tool: Tool, arguments: Mapping[str, object], context: CallContext
    ) -> object:
        self._quarantine.check(reference, f"'{tool.name}' crashed its worker")
        asked = request(reference, tool, arguments, context)
        worker = await self._pool.take(tool.lineage, tool.name, place_of(tool, context))
        answer: Frame = {}
        try:
            answer = await self._asked(worker, tool, reference, asked)
        finally:
            worker.printed(tool.name)
            self._pool.give_back(tool.lineage, worker, usable=answer.get("last") is False)
        return _outcome(answer)

    async def _asked(self, worker: Worker, tool: Tool, reference: str, asked: Frame) -> Frame:
        module = reference.partition(":")[0]
        try:
            return await worker.call(asked, module, self._options.import_seconds)
        except asyncio.CancelledError:
            worker.kill()
            with suppress(asyncio.CancelledError):  # whoever cancels again does not want to wait
                await worker.ended()
            raise CallKilled(f"'{tool.name}' was ended in the middle") from None
        except TimeoutError:
            worker.kill()
            await worker.ended()
            self._quarantine.count(reference)
            text = f"the import of '{module}' did not end within {self._options.import_seconds:g} seconds"
            raise CallEnded("crashed", text) from None
        except Gone as gone:
            worker.kill()
            end = await worker.ended()
            raise self._crash(
                tool, reference, end, str(gone), importing=module not in worker.imported
            ) from gone

    def _crash(self, tool: Tool, reference: str, end: End, gone: str, *, importing: bool) -> CallEnded:
        """How a call ended whose worker did."""
        if self._pool.closed:
            status: Status = "cancelled" if tool.read_only else "unknown-outcome"
            return CallEnded(status, f"the process runner was closed while '{tool.name}' was running")
        if end.why:
            return CallEnded("failed", f"'{tool.name}' was ended: {end.why}")
        self._quarantine.count(reference)
        what = f"the import of '{reference.partition(':')[0]}'" if importing else f"'{tool.name}'"
        lost = "" if tool.read_only else "; what it changed before is not known"
        return CallEnded("crashed", f"{what} ended its process: {_told(end, gone, self._options.cpu)}{lost}")


def _told(end: End, gone: str, cpu: int) -> str:
    if gone or end.code is None:
        return gone or "nobody can tell how"
    if end.code >= 0:
        return f"exit code {end.code}"
    name = signal.Signals(-end.code).name
    return f"{name}, after {cpu} seconds of CPU time" if name == "SIGXCPU" else name


def _outcome(answer: Frame) -> object:
    """What the call gave, or the exception that says what it did instead."""
    raised = answer.get("raised")
    if raised is None:
        return answer["value"]
    text = str(answer["text"])
    kind = _RAISED.get(str(raised))
    error = CallEnded("failed", text) if kind is None else kind(text)
    error.add_note(str(answer["trace"]))
    raise error
