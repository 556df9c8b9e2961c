"""Compare two casts in the same scene, and cut down what differs to the fewest calls that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from orket.core import Effect
from orket.testkit.parity.observations import Observation, Seen, same
from orket.testkit.parity.view import side_by_side
from orket.testkit.parity.worlds import play

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orket.testkit.parity.scenes import Scene
    from orket.testkit.parity.worlds import Staging

    Accepts: TypeAlias = Callable[[str, str], bool]

__all__ = ["Comparison", "Divergence", "HarnessError"]


class HarnessError(Exception):
    """The control differs from itself, so that nothing can be said of the candidate."""


class Divergence(NamedTuple):
    """Where two observations of a scene part."""

    kinds: tuple[str, ...]
    """Out of ``result``, ``effect``, ``leak``, ``ended``; ``unstable`` where a candidate differs from itself, and
    ``beyond`` where it does more than it says that it may."""
    place: int
    """Which call; after the last one for what is seen at the end."""
    scene: Scene
    left: Observation
    right: Observation

    @property
    def tool(self) -> str:
        """The tool that was called there; empty at the end."""
        return self.scene.calls[self.place].tool if self.place < len(self.scene.calls) else ""

    @property
    def sides(self) -> tuple[Seen, Seen]:
        """What was seen of the call on each side."""
        return _at(self.left, self.place), _at(self.right, self.place)


_ANY = frozenset(Effect)


def _nothing(_kind: str, _tool: str) -> bool:
    return False


def _nobody(_seen: Observation) -> None:
    return


class Comparison(NamedTuple):
    """Who is compared, and which differences are meant."""

    candidate: Staging
    control: Staging | None
    """``None`` where there is nothing to compare with, and only stability can be judged."""
    accepts: Accepts = _nothing
    """Whether a difference of this kind, at a call of this tool, is meant."""
    leaks: bool = True
    """Whether what is started and left running counts."""
    effects: Mapping[str, frozenset[Effect]] = {}
    """What the tools in question say that they may do."""
    watches: Callable[[Observation], None] = _nobody
    """Told what was seen of the candidate each time that it played a scene."""

    def of(self, scene: Scene) -> Divergence | None:
        """Where the candidate is unstable, or parts from the control in a way that nobody means; ``None`` nowhere.

        A call that does something else to the world, as it is meant to, is left out of the scene from there on: what
        comes after it may differ only because of it.

        Raises:
            HarnessError: the control is not stable.
        """
        while scene.calls:
            found = self._compared(scene)
            if found is None or not self._meant(found):
                return found
            scene = _without(scene, [found.place])
        return None

    def reduced(self, found: Divergence) -> Divergence:
        """The same kind of divergence, with the fewest calls that still show it."""
        smallest = found
        size = max(1, len(smallest.scene.calls) // 2)
        while size:
            for start in range(0, len(smallest.scene.calls), size):
                fewer = _without(smallest.scene, range(start, start + size))
                shown = self._two(fewer, unstable="unstable" in found.kinds) if fewer.calls else None
                if shown is not None and not self._meant(shown):
                    smallest = shown
                    break
            else:
                size //= 2
        return self._confirmed(smallest) or found

    def _meant(self, found: Divergence) -> bool:
        return all(self.accepts(kind, found.tool) for kind in found.kinds)

    def _confirmed(self, smallest: Divergence) -> Divergence | None:
        try:
            return self._compared(smallest.scene)
        except HarnessError:
            return None

    def _compared(self, scene: Scene) -> Divergence | None:
        """Candidate twice and control once; where anything differs, the control again: it must agree with itself."""
        if self.control is None:
            return self._two(scene, unstable=True)
        one, *both = play(scene, self.control, self.candidate, self.candidate, leaks=self.leaks)
        self.watches(both[0])
        found = self._between(scene, one, *both)
        if found is None:
            return None
        (again,) = play(scene, self.control, leaks=self.leaks)
        torn = _parting(scene, one, again, leaks=self.leaks)
        if torn is not None:
            view = side_by_side(scene, torn.place, torn.sides, ("control", "again"))
            raise HarnessError(f"the control does not agree with itself in scene '{scene.name}':\n{view}")
        return found

    def _between(
        self, scene: Scene, one: Observation, first: Observation, second: Observation
    ) -> Divergence | None:
        """Where the candidate differs from itself, does more than it may, or differs from the control."""
        unstable = _parting(scene, first, second, leaks=self.leaks)
        if unstable is None or "ended" in unstable.kinds:
            other = second if second.ended else first
            return self._beyond(scene, other) or _parting(
                scene, one, other, leaks=self.leaks, accepts=self.accepts
            )
        return unstable._replace(kinds=("unstable",))

    def _two(self, scene: Scene, *, unstable: bool) -> Divergence | None:
        """The candidate beside the control, or beside itself: enough to see whether fewer calls show it too."""
        other = self.candidate if unstable or self.control is None else self.control
        accepts = _nothing if unstable else self.accepts
        sides = play(scene, other, self.candidate, leaks=self.leaks)
        self.watches(sides[1])
        found = _parting(scene, *sides, leaks=self.leaks, accepts=accepts)
        if found is not None and unstable and "ended" not in found.kinds:
            return found._replace(kinds=("unstable",))
        return self._beyond(scene, sides[1]) or found

    def _beyond(self, scene: Scene, one: Observation) -> Divergence | None:
        """Where a tool does more than its effects say; which of several at the same time did it, nobody can tell."""
        for place, *others in scene.groups():
            tool = scene.calls[place].tool
            if (
                not others
                and place < len(one.seen)
                and not one.seen[place].effects <= self.effects.get(tool, _ANY)
            ):
                return Divergence(("beyond",), place, scene, one, one)
        return None


def _parting(
    scene: Scene, left: Observation, right: Observation, *, leaks: bool, accepts: Accepts = _nothing
) -> Divergence | None:
    """Where the two differ first. A world that did not come to its end differs from every other.

    Another result that is meant, and that no later call refers to, changes nothing of what comes after it.
    """
    end = len(scene.calls)
    if left.ended or right.ended:
        return Divergence(("ended",), end, scene, left, right)
    for place, (one, other) in enumerate(zip(left.seen, right.seen, strict=True)):
        kinds = {"result": (one.result, other.result), "effect": (one.effect, other.effect)}
        differing = tuple(kind for kind, values in kinds.items() if not same(*values))
        call = scene.calls[place]
        harmless = differing == ("result",) and not call.label and accepts("result", call.tool)
        if differing and not harmless:
            return Divergence(differing, place, scene, left, right)
    if leaks and left.leaks != right.leaks:
        return Divergence(("leak",), end, scene, left, right)
    return None


def _at(observation: Observation, place: int) -> Seen:
    if place < len(observation.seen):
        return observation.seen[place]
    return Seen("", observation.ended or "ended", strays=observation.leaks)


def _without(scene: Scene, places: range | list[int]) -> Scene:
    kept = [call for place, call in enumerate(scene.calls) if place not in places]
    first = [call._replace(together=False) for call in kept[:1]]
    return scene._replace(calls=(*first, *kept[1:]))
