"""An import that sets up logging for everybody."""

import logging

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

logging.getLogger().addHandler(logging.NullHandler())
