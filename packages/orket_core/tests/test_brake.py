"""The brake on effects: it only narrows, for everything below it, whoever draws it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from orket.core import Effect
from orket.core.limits import Brake

READ, WRITE, NETWORK, EXECUTE = Effect
PATIENCE = 20.0  # far longer than anything here takes


def test_a_brake_allows_everything_until_it_is_drawn() -> None:
    assert Brake().allowed == {READ, WRITE, NETWORK, EXECUTE}
    assert Brake([READ]).allowed == {READ}


def test_a_brake_only_narrows() -> None:
    brake = Brake()

    brake.restrict([READ, WRITE])
    brake.restrict([WRITE, NETWORK])
    assert brake.allowed == {WRITE}
    brake.restrict(Effect)
    assert brake.allowed == {WRITE}
    brake.restrict([])
    assert brake.allowed == frozenset()


def allowed(*brakes: Brake) -> list[set[Effect]]:
    return [set(brake.allowed) for brake in brakes]


def test_a_brake_narrows_those_below_it_and_not_those_above() -> None:
    top = Brake([READ, WRITE, NETWORK])
    middle = Brake(parent=top)
    bottom = Brake([WRITE, EXECUTE], parent=middle)
    assert allowed(middle, bottom) == [{READ, WRITE, NETWORK}, {WRITE}]

    middle.restrict([WRITE])
    assert allowed(top, middle, bottom) == [{READ, WRITE, NETWORK}, {WRITE}, {WRITE}]

    top.restrict([READ])
    assert allowed(top, middle, bottom) == [{READ}, set(), set()]


def test_of_two_who_draw_a_brake_at_once_neither_undoes_what_the_other_did() -> None:
    brake = Brake()
    first_is_at_it, second_is_done = threading.Event(), threading.Event()

    def slowly() -> Iterator[Effect]:
        first_is_at_it.set()
        second_is_done.wait(0.1)  # it waits in vain, since one who draws lets nobody else draw
        yield from (READ, WRITE)

    first = threading.Thread(target=lambda: brake.restrict(slowly()))
    first.start()
    assert first_is_at_it.wait(PATIENCE)
    brake.restrict([READ, NETWORK])
    second_is_done.set()
    first.join(PATIENCE)
    assert allowed(brake) == [{READ}]
