"""When the next picture may be drawn."""

from policyconsole.tui.pace import ANSWERING, LONGEST, SHARE, Pace


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_where_drawing_takes_no_time_every_picture_is_due() -> None:
    hand = Hand()
    pace = Pace(hand)
    for _ in range(3):
        assert pace.is_due
        pace.begin()
        pace.end()


def test_a_slow_picture_leaves_time_for_everything_else() -> None:
    hand = Hand()
    pace = Pace(hand)
    pace.begin()
    hand.now += 0.04
    pace.end()
    hand.now += SHARE * 0.04 - 0.001
    assert not pace.is_due
    hand.now += 0.002
    assert pace.is_due


def test_a_key_is_answered_first() -> None:
    hand = Hand()
    pace = Pace(hand)
    pace.give_way()
    assert not pace.is_due
    hand.now += ANSWERING + 0.001
    assert pace.is_due


def test_a_key_that_is_held_down_does_not_stop_the_picture() -> None:
    hand = Hand()
    pace = Pace(hand)
    pace.begin()
    begun = hand.now
    while not pace.is_due:
        hand.now += 0.03
        pace.give_way()
    assert hand.now - begun < LONGEST + 0.04


def test_a_picture_that_takes_seconds_is_followed_by_one_at_once() -> None:
    hand = Hand()
    pace = Pace(hand)
    pace.begin()
    hand.now += 3.0
    pace.end()
    assert pace.is_due
