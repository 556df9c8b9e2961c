"""An import that changes the working directory."""

import os

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

os.chdir("/")
