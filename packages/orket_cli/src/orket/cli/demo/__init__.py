"""The demo: a recorded session, its player, and what people see of it."""

from __future__ import annotations

__all__: list[str] = []
