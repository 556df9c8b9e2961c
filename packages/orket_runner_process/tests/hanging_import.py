"""A module that only the first process which imports it can import; in any other one the import never ends."""

from __future__ import annotations

import os
import time

if os.environ.setdefault("HANGING_IMPORT", str(os.getpid())) != str(os.getpid()):
    time.sleep(60)


def unreachable() -> str:
    return "reached"
