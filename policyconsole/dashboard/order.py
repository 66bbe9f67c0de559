"""Order: by what the lines of the Policies pane can be sorted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policyconsole.dashboard.rows import PolicyRow, RowStatus


class SortBy(StrEnum):
    """What orders the policies, in the word that both faces show."""

    FILE = "file"
    STATUS = "status"
    POLICY = "policy"
    REVISION = "revision"
    ENVIRONMENT = "environment"
    FINDINGS = "findings"
    AGE = "age"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of policies; each begins with what one looks for.

    Refused files, many findings, the newest change and the slowest one come first;
    names and files in the order of the alphabet. ``backwards`` turns that round.
    """

    by: SortBy = SortBy.FILE
    backwards: bool = False

    def next(self) -> "Order":
        """Give the order by what comes next, round and round."""
        every = list(SortBy)
        return Order(every[(every.index(self.by) + 1) % len(every)])

    def reversed(self) -> "Order":
        """Give the same order the other way round."""
        return Order(self.by, not self.backwards)

    @property
    def sign(self) -> str:
        """Which way it goes, as the column says it."""
        return "↑" if self.backwards else "↓"


def ordered(rows: Iterable[PolicyRow], order: Order) -> list[PolicyRow]:
    """Give the rows in an order; where it says nothing, by their paths."""
    found = sorted(rows, key=lambda row: row.path)
    if order.by is not SortBy.FILE:
        found.sort(key=_KEYS[order.by])
    if order.backwards:
        found.reverse()
    return found


_Key = Callable[[PolicyRow], tuple[float, str]]

_URGENCY = {
    RowStatus.REFUSED: 0,
    RowStatus.FAILED: 0,
    RowStatus.WARNINGS: 1,
    RowStatus.LIVE: 2,
}

_KEYS: Mapping[SortBy, _Key] = {
    SortBy.STATUS: lambda row: (_URGENCY[row.status], ""),
    SortBy.POLICY: lambda row: (0, row.name),
    SortBy.REVISION: lambda row: (-(row.revision or 0), ""),
    SortBy.ENVIRONMENT: lambda row: (0 if row.environment else 1, row.environment or ""),
    SortBy.FINDINGS: lambda row: (-row.findings, ""),
    SortBy.AGE: lambda row: (-row.since.timestamp(), ""),
    SortBy.LATENCY: lambda row: (-1.0 if row.total_ms is None else -2.0 - row.total_ms, ""),
}
