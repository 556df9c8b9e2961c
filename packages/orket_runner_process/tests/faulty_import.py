"""A module that only the first process which imports it can import; any other one ends."""

from __future__ import annotations

import os

if os.environ.setdefault("FAULTY_IMPORT", str(os.getpid())) != str(os.getpid()):
    os._exit(9)


def unreachable() -> str:
    return "reached"
