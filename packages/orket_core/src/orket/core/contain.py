"""The one place that holds what foreign code raises.

Nodes, tools, observers and journals are other people's code. Wherever one is called, ``with contained() as guard:``
keeps whatever it raises in ``guard.error`` so that a fault of theirs never unwinds the host. Two things are the
host's own and pass through: the cancellation of the running task, and an interrupt from the keyboard.
"""

from __future__ import annotations

from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["contained", "describe"]


class contained:  # noqa: N801 - reads as a statement: ``with contained() as guard``
    """Hold what the block raises in ``error``; ``None`` means that it ended by itself."""

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if error is None or (not isinstance(error, Exception) and _belongs_to_host(error)):
            return False
        self.error = error
        return True


def _belongs_to_host(error: BaseException) -> bool:
    if isinstance(error, KeyboardInterrupt):
        return current_thread() is main_thread()  # a keyboard interrupts no other thread
    # Only foreign code that runs under a loop can raise these two with a task behind it, so the import is free here.
    from asyncio import CancelledError, current_task

    if not isinstance(error, CancelledError | GeneratorExit):
        return False
    try:
        task = current_task()
    except RuntimeError:  # a thread without a loop: nobody could have cancelled it
        return False
    if isinstance(error, GeneratorExit):  # the coroutine itself is being closed, not run by its task
        return task is None
    return task is not None and task.cancelling() > 0


def describe(error: BaseException) -> str:
    """``Type: text`` of an exception, ``<unprintable>`` where its own ``__str__`` fails."""
    with contained() as guard:
        text = str(error)
        return f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{type(error).__name__}: <unprintable> ({type(guard.error).__name__} in its __str__)"
