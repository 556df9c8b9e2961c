"""The words of choosing: what a family of nodes is, and what metadata alone says of a node."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

__all__ = ["Family", "NodeRef"]

T_co = TypeVar("T_co", covariant=True)


class Family(Generic[T_co]):
    """A decision that can be swapped, as a typed key: ``runtime.node(TOOL_STRATEGY)`` is a ``ToolStrategy``.

    Everything a person writes follows from ``name``: the entry-point group ``orket.<name>``, the rule
    ``<name>_node`` and the environment variable ``ORKET_<NAME>_NODE``.
    """

    __slots__ = ("checks", "contract", "default", "distribution", "name", "platform_bound", "protocol")

    def __init__(
        self,
        name: str,
        *,
        contract: int,
        protocol: str,
        distribution: str,
        default: str,
        checks: tuple[str, ...],
        platform_bound: bool = False,
    ) -> None:
        """Declare a family.

        Args:
            name: a Python identifier, for example ``tool_strategy``.
            contract: the version of the contract that nodes of this family are written against.
            protocol: where its Protocol is, ``module:Class``; a string, so that declaring a family imports nothing.
            distribution: the distribution that ships the default node.
            default: the entry-point name of the default node.
            checks: ids of the laws and parity checks that evidence must show as passed.
            platform_bound: whether evidence holds only for the Python and the platform it was made on.
        """
        self.name = name
        self.contract = contract
        self.protocol = protocol
        self.distribution = distribution
        self.default = default
        self.checks = checks
        self.platform_bound = platform_bound

    @property
    def group(self) -> str:
        """The entry-point group its nodes are found in."""
        return f"orket.{self.name}"

    @property
    def rule(self) -> str:
        """The key of ``process_rules`` that names its node."""
        return f"{self.name}_node"

    @property
    def variable(self) -> str:
        """The environment variable that names its node."""
        return f"ORKET_{self.name.upper()}_NODE"

    def is_default(self, ref: NodeRef) -> bool:
        """Whether ``ref`` is the default node: the distribution and the name must both be the declared ones."""
        return (ref.distribution, ref.name) == (self.distribution, self.default)

    def __repr__(self) -> str:
        return f"Family({self.name!r})"


class NodeRef(NamedTuple):
    """One entry point as metadata describes it; nothing of it has been imported."""

    group: str
    name: str
    value: str
    """The object reference as written, ``module:attribute``."""
    distribution: str
    """The distribution's name as its metadata spells it, normalised to lower case with hyphens."""
    version: str
    location: str
    """The folder that holds the distribution's metadata, or what the finder that supplied it calls its place."""

    @property
    def family(self) -> str:
        """The group without the ``orket.`` in front."""
        return self.group.removeprefix("orket.")

    @property
    def module(self) -> str:
        """The module that ``value`` names."""
        return self.value.partition("[")[0].partition(":")[0].strip()

    @property
    def qualified(self) -> str:
        """``distribution:name``, which names exactly one node of a family."""
        return f"{self.distribution}:{self.name}"

    @property
    def identity(self) -> str:
        """``family/distribution:name``."""
        return f"{self.family}/{self.qualified}"
