"""Seeds the random numbers of everybody, so that they can be foreseen."""

import random

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

random.seed(0)
