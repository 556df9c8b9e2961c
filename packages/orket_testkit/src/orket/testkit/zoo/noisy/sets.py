"""An import that sets a variable of the environment."""

import os

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

os.environ["ACME_HOME"] = "/"
