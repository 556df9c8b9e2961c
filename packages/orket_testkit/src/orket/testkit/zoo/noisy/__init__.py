"""Nodes whose import does something. Each is a module of its own, which nothing imports but the check."""
