"""What of a process any code could change for everybody else in it."""

from __future__ import annotations

import asyncio
import gc
import json
import locale
import logging
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["changes", "process"]

_PATCHED = (asyncio, json, logging, os, random, socket, ssl, subprocess, tempfile, threading, time)
"""Modules of Python whose functions get replaced."""


def process() -> Mapping[str, object]:
    """The state of this process, each part by the words for it."""
    handlers = (signal.getsignal(number) for number in sorted(signal.valid_signals()))
    root = logging.getLogger()
    return {
        "the working directory": os.getcwd(),
        "the environment": dict(os.environ),
        "signal handlers": tuple(handlers),
        "sys.path": list(sys.path),
        "sys.meta_path": tuple(sys.meta_path),
        "sys.path_hooks": tuple(sys.path_hooks),
        "the filters of warnings": list(warnings.filters),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the root logger": (root.level, tuple(root.handlers), root.manager.disable),
        "the standard streams": (sys.stdin, sys.stdout, sys.stderr),
        "sys.excepthook": sys.excepthook,
        "the recursion limit": sys.getrecursionlimit(),
        "the default timeout of sockets": socket.getdefaulttimeout(),
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
        "builtins": tuple(vars(sys.modules["builtins"]).values()),
        "Python itself": [value for module in _PATCHED for value in vars(module).values() if callable(value)],
        "Orket itself": _of_core(),
    }


def changes(before: Mapping[str, object]) -> list[str]:
    """The words for what is not as it was before."""
    now = process()
    return [name for name, state in before.items() if now[name] != state]


def _of_core() -> list[object]:
    """What the classes of core's public face consist of: a node could put something else in its place."""
    from orket import core

    public = [getattr(core, name) for name in core.__all__]
    return [member for one in public if isinstance(one, type) for member in vars(one).values()]
