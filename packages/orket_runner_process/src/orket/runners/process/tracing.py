"""The trace that a call belongs to goes with it to its worker, where the host uses OpenTelemetry."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["carried", "join"]


def carried() -> dict[str, str]:
    """The caller's trace as OpenTelemetry passes it on; nothing where the host does not use it."""
    if "opentelemetry.trace" not in sys.modules:
        return {}
    carrier: dict[str, str] = {}
    propagate: Any = import_module("opentelemetry.propagate")
    propagate.inject(carrier)
    return carrier


def join(carrier: Mapping[str, str]) -> None:
    """Make the trace the current one of the context that this runs in.

    Raises:
        ImportError: OpenTelemetry is not installed where the worker finds its modules.
    """
    context: Any = import_module("opentelemetry.context")
    propagate: Any = import_module("opentelemetry.propagate")
    context.attach(propagate.extract(carrier))
