"""What the guards have answered, as lines."""

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import GuardRow, guard_rows


def test_what_came_too_often_is_apart_from_what_was_refused() -> None:
    counts = RequestCounts(
        70,
        {Refusal.TOO_MANY_REQUESTS: 20, Refusal.BAD_INPUT: 1_003, Refusal.TOO_LARGE: 2},
    )
    (row,) = guard_rows({"a": counts})
    assert row == GuardRow("a", 70, 20, 1_005, "2 too large, 1,003 bad input")
    assert row.total == counts.total == 1_095


def test_no_refusal_is_forgotten() -> None:
    (row,) = guard_rows({"a": RequestCounts(0, dict.fromkeys(Refusal, 1))})
    assert row.total == len(Refusal)
    assert row.reasons.count(",") + 1 == row.refused


def test_policies_stand_by_their_ids_safe_to_show() -> None:
    rows = guard_rows({"b": RequestCounts(1), "a\x1b": RequestCounts(2)})
    assert [(row.policy_id, row.name) for row in rows] == [("a\x1b", "a\\x1b"), ("b", "b")]
