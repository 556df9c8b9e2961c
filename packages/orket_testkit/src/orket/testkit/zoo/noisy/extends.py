"""An import that changes where modules are found."""

import sys

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

sys.path.append("/acme")
