"""Nodes that are broken in one way each, and nodes that only look odd: the checks must tell them apart."""
