"""The one option that every module takes."""

from __future__ import annotations

from argparse import ArgumentParser

__all__ = ["share"]


def share(argv: list[str], title: str) -> float:
    """How much of the full amount is asked for: 1 for all of it, 0.01 for a hundredth."""
    parser = ArgumentParser(prog="python -m stress", description=title)
    parser.add_argument(
        "--share", type=float, default=1.0, metavar="S", help="the part of the full amount, 0.01"
    )
    return float(parser.parse_args(argv).share)
