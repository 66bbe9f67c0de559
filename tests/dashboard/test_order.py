"""By what the policies can be sorted, and what comes first then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policyconsole.dashboard import Order, PolicyRow, RowStatus, SortBy, ordered
from policyconsole.diagnostics import Severity, error

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOUND = error("SEC003", Severity.HIGH, "too old")

A = PolicyRow("a.toml", "zebra", RowStatus.LIVE, 3, "production", (), NOON, 4.0, "zebra")
B = replace(A, path="b.toml", policy_id="ant", revision=9, environment=None, total_ms=0.5)
C = replace(
    A,
    path="c.toml",
    policy_id="bee",
    status=RowStatus.REFUSED,
    revision=None,
    environment="development",
    diagnostics=(FOUND, FOUND),
    since=NOON + timedelta(seconds=1),
    total_ms=None,
)
D = replace(
    A,
    path="d.toml",
    policy_id="cow",
    status=RowStatus.WARNINGS,
    diagnostics=(FOUND,),
    total_ms=80.0,
)


def paths(order: Order) -> str:
    return "".join(row.path[0] for row in ordered((D, B, C, A), order))


@pytest.mark.parametrize(
    ("by", "first_to_last"),
    [
        (SortBy.FILE, "abcd"),
        (SortBy.STATUS, "cdab"),
        (SortBy.POLICY, "bcda"),
        (SortBy.REVISION, "badc"),
        (SortBy.ENVIRONMENT, "cadb"),
        (SortBy.FINDINGS, "cdab"),
        (SortBy.AGE, "cabd"),
        (SortBy.LATENCY, "dabc"),
    ],
)
def test_what_one_looks_for_comes_first(by: SortBy, first_to_last: str) -> None:
    assert paths(Order(by)) == first_to_last
    assert paths(Order(by).reversed()) == first_to_last[::-1]


def test_the_next_order_goes_round() -> None:
    order, seen = Order(), []
    for _ in SortBy:
        order = order.next()
        seen.append(order.by)
    assert sorted(seen) == sorted(SortBy)
    assert order == Order()
