"""An import that asks to leave."""

import sys

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

sys.exit(4)
