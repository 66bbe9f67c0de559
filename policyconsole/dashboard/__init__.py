"""Events folded into exactly what a face shows, and the words to show it with.

Both faces say the same words, the same numbers, in the same order, because both
read them here; there is no widget code.
"""

from policyconsole.dashboard.differences import (
    Differences,
    DiffLine,
    FieldDifference,
    Mark,
    Side,
    differences,
)
from policyconsole.dashboard.effective import EffectiveValue, effective
from policyconsole.dashboard.fold import EVENT_RING, Dashboard
from policyconsole.dashboard.guards import NO_REQUESTS, GuardRow, guard_rows
from policyconsole.dashboard.histogram import BOUNDS, HistogramBin, histogram_bins
from policyconsole.dashboard.order import Order, SortBy, ordered
from policyconsole.dashboard.rows import (
    NOT_LIVE,
    Header,
    PolicyRow,
    RowStatus,
)
from policyconsole.dashboard.sources import text_in_force
from policyconsole.dashboard.timeline import Moment, Result, timeline
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
    clock_time,
    event_line,
    event_matches,
    event_parts,
    header_line,
    latency_rows,
    loading_lines,
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
    "BOUNDS",
    "EVENT_RING",
    "EVENT_SIGNS",
    "FINDING_SIGNS",
    "NOT_LIVE",
    "NO_REQUESTS",
    "STAGE_TARGETS",
    "Dashboard",
    "DiffLine",
    "Differences",
    "EffectiveValue",
    "EventLine",
    "FieldDifference",
    "GuardRow",
    "Header",
    "HeaderLine",
    "HistogramBin",
    "LatencyRow",
    "Mark",
    "Moment",
    "Order",
    "PolicyRow",
    "Result",
    "RowStatus",
    "Side",
    "SortBy",
    "age",
    "change_line",
    "changes_line",
    "clock_time",
    "differences",
    "effective",
    "event_line",
    "event_matches",
    "event_parts",
    "guard_rows",
    "header_line",
    "histogram_bins",
    "latency_rows",
    "loading_lines",
    "milliseconds",
    "moment",
    "ordered",
    "row_matches",
    "rule_source",
    "source_for",
    "sparkline",
    "standing",
    "text_in_force",
    "timeline",
    "unconfirmed",
    "where",
]
