"""An import that silences warnings for everybody."""

import warnings

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

warnings.simplefilter("ignore")
