"""Events folded into exactly what a face shows, and the words to show it with.

Both faces say the same words, the same numbers, in the same order, because both
read them here; there is no widget code.
"""

from policyconsole.dashboard.fold import (
    EVENT_RING,
    Dashboard,
)
from policyconsole.dashboard.order import Order, SortBy, ordered
from policyconsole.dashboard.rows import (
    NOT_LIVE,
    Header,
    PolicyRow,
    RowStatus,
)
from policyconsole.dashboard.words import (
    AGE_UNITS,
    EVENT_SIGNS,
    FINDING_SIGNS,
    STAGE_TARGETS,
    EventLine,
    HeaderLine,
    LatencyRow,
    age,
    change_line,
    changes_line,
    event_line,
    event_matches,
    event_parts,
    header_line,
    latency_rows,
    milliseconds,
    moment,
    row_matches,
    rule_source,
    source_for,
    sparkline,
    standing,
    unconfirmed,
    where,
)

__all__ = [
    "AGE_UNITS",
    "EVENT_RING",
    "EVENT_SIGNS",
    "FINDING_SIGNS",
    "NOT_LIVE",
    "STAGE_TARGETS",
    "Dashboard",
    "EventLine",
    "Header",
    "HeaderLine",
    "LatencyRow",
    "Order",
    "PolicyRow",
    "RowStatus",
    "SortBy",
    "age",
    "change_line",
    "changes_line",
    "event_line",
    "event_matches",
    "event_parts",
    "header_line",
    "latency_rows",
    "milliseconds",
    "moment",
    "ordered",
    "row_matches",
    "rule_source",
    "source_for",
    "sparkline",
    "standing",
    "unconfirmed",
    "where",
]
