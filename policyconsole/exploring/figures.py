"""Figures: what an engine has measured and told, as tables and plots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import (
    BOUNDS,
    STAGE_TARGETS,
    PolicyRow,
    Result,
    event_line,
    guard_rows,
    latency_rows,
    timeline,
)
from policyconsole.events import STAGES, PolicyEvent
from policyconsole.exploring import plot
from policyconsole.exploring.plot import Plot
from policyconsole.exploring.table import Table
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.latency import WINDOW, StageStatistics, Statistics

if TYPE_CHECKING:
    import pandas as pd


class Measured(Protocol):
    """An engine that measures; every one of policy-console's does."""

    @property
    def statistics(self) -> Statistics:
        """Events by type, and the figures of every stage."""
        ...

    def recent(self, stage: str, count: int) -> list[float]:
        """Give the newest timings of a stage in milliseconds, oldest first."""
        ...

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        """Count the timings of a stage up to each bound in milliseconds, the rest at the end."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class LatencyFigures:
    """How long each stage took, up to one moment: a table, and plots of any stage."""

    stages: Mapping[str, StageStatistics]
    timings: Mapping[str, tuple[float, ...]]
    counts: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, engine: Measured) -> "LatencyFigures":
        """Take them from an engine."""
        return cls(
            dict(engine.statistics.stages),
            {stage: tuple(engine.recent(stage, WINDOW)) for stage in STAGES},
            {stage: tuple(engine.histogram(stage, BOUNDS)) for stage in STAGES},
        )

    def table(self) -> Table:
        """Give the percentiles in milliseconds by stage, beside the aims."""
        rows = tuple(
            (
                row.stage,
                self.stages[row.stage].count,
                self.stages[row.stage].p50,
                self.stages[row.stage].p95,
                self.stages[row.stage].p99,
                self.stages[row.stage].max,
                row.target,
                row.on_target,
            )
            for row in latency_rows(self.stages)
        )
        columns = ("stage", "runs", "p50", "p95", "p99", "max", "target ms", "met")
        return Table("Latency in milliseconds", columns, rows)

    def histogram(self, stage: str = "total") -> Plot:
        """Draw how the times of a stage are spread; raises KeyError for a stage that there is not."""
        return plot.histogram(f"{stage}: how long", self.counts[stage], STAGE_TARGETS.get(stage))

    def timeline(self, stage: str = "total") -> Plot:
        """Draw the newest times of a stage in their order; raises KeyError likewise."""
        return plot.timeline(f"{stage}, in order", self.timings[stage], STAGE_TARGETS.get(stage))

    def to_frame(self) -> "pd.DataFrame":
        """Give the table as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()


def event_table(events: Iterable[PolicyEvent]) -> Table:
    """List events: when, what, of which policy, and what about it, in the words of both faces."""
    rows = []
    for event in events:
        line = event_line(event)
        rows.append(
            (
                event.seq,
                event.time,
                f"{line.sign} {line.word}",
                line.subject,
                event.revision,
                line.detail,
                event.latency.total,
            )
        )
    columns = ("seq", "time", "event", "policy", "revision", "what", "total ms")
    return Table(f"{len(rows)} events", columns, tuple(rows))


def guard_table(requests: Mapping[str, RequestCounts]) -> Table:
    """List what the guards have answered, by policy."""
    rows = tuple(
        (row.policy_id, row.allowed, row.limited, row.refused, row.reasons)
        for row in guard_rows(requests)
    )
    return Table("Guards", ("policy", "allowed", "limited", "refused", "why"), rows)


def history_table(
    policy_id: str,
    revisions: Sequence[Revision],
    refusals: Iterable[RefusedContent] = (),
    row: PolicyRow | None = None,
) -> Table:
    """List what became of a policy, the newest first: what was accepted, and what was not.

    ``row`` is how the policy stands, where that is known: it says which revision is in force.
    """
    plain = Result.EARLIER.value if row is not None else "accepted"
    rows = tuple(
        (
            moment.number,
            moment.time,
            plain if moment.result is Result.EARLIER else moment.result.value,
            moment.what,
            ", ".join(moment.notes),
        )
        for moment in timeline(revisions, refusals, row)
    )
    columns = ("revision", "time", "result", "what", "notes")
    return Table(f"{policy_id}: {len(revisions)} revisions", columns, rows)
