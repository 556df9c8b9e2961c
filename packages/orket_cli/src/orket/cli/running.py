"""A runtime for one command, with its warnings on the screen."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orket.core.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Unpack

    from orket.cli.screen import Screen
    from orket.core.parts import Parts
    from orket.core.settings import Settings

__all__ = ["running"]


@contextmanager
def running(screen: Screen | None, settings: Settings, **parts: Unpack[Parts]) -> Generator[Runtime]:
    """Open a runtime.

    Args:
        screen: where what it warns of is shown; ``None`` for nowhere.
        settings: the configuration.
        parts: what else the runtime is given.
    """
    logger = logging.getLogger("orket")
    handler = logging.NullHandler() if screen is None else _Shown(screen)
    logger.addHandler(handler)
    try:
        with Runtime(settings=settings, **parts) as runtime:
            yield runtime
    finally:
        logger.removeHandler(handler)


class _Shown(logging.Handler):
    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        self._screen.warn(text if text.startswith("warning: ") else f"warning: {text}")
