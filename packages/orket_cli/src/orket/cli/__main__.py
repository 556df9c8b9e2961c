"""``python -m orket.cli`` is the ``orket`` command."""

from __future__ import annotations

import sys

from orket.cli import main

sys.exit(main())
