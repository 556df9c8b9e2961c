"""An import that ends the process."""

import os

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

os._exit(3)
