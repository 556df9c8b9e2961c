"""Differences from the control that a node declares as meant."""
