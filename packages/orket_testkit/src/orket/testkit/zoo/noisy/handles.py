"""An import that takes over a signal."""

import signal

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

signal.signal(signal.SIGUSR1, signal.SIG_IGN)
