"""Lets everybody's connections trust everybody."""

import ssl

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

setattr(ssl, "_create_default_https_context", getattr(ssl, "_create_unverified_context"))  # noqa: B009, B010 - as it is commonly done, by private names
