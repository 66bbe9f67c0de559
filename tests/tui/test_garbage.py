"""When the app looks for garbage in cycles."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from policyconsole.tui.garbage import IDLE, MANY, QUIET, ROUNDS, WORTH_IT, Garbage


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Cycle:
    """Goes only where somebody looks for it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def garbage(hand: Hand) -> Iterator[Garbage]:
    before = gc.get_threshold()
    gc.collect()
    made = Garbage(hand)
    made.start()
    yield made
    made.stop()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def many(count: int) -> list[list[int]]:
    return [[0] for _ in range(count)]


def test_under_load_nothing_is_looked_through(garbage: Garbage) -> None:
    gone = weakref.ref(Cycle())
    held = many(2 * MANY)
    looked = gc.get_stats()
    garbage.busy()
    garbage.look()
    assert gone() is not None
    assert gc.get_stats() == looked
    assert gc.get_freeze_count() > len(held)


def test_a_quiet_moment_is_used(garbage: Garbage, hand: Hand) -> None:
    gone = weakref.ref(Cycle())
    held = many(WORTH_IT + 100)
    garbage.busy()
    hand.now += QUIET - 0.01
    garbage.look()
    assert gone() is not None
    hand.now += 0.02
    garbage.look()
    assert gone() is None
    assert held


def test_a_quiet_moment_with_little_to_find_is_left_alone(garbage: Garbage, hand: Hand) -> None:
    gone = weakref.ref(Cycle())
    hand.now += QUIET + 1
    garbage.look()
    assert gone() is not None


def test_what_was_set_aside_is_looked_through_when_nobody_has_been_there_for_long(
    garbage: Garbage, hand: Hand
) -> None:
    gone = weakref.ref(Cycle())
    held: list[list[int]] = []
    for _ in range(ROUNDS):
        held.clear()  # what goes counts against what comes
        held += many(MANY + 100)
        garbage.busy()
        garbage.look()
    assert held
    assert gone() is not None
    hand.now += IDLE + 1
    garbage.look()
    assert gone() is None
