"""An import that does not end."""

import time

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

while True:
    time.sleep(60)
