"""Events folded into what a face shows, and the words that both faces use."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.dashboard import (
    EVENT_RING,
    EVENT_SIGNS,
    Dashboard,
    PolicyRow,
    RowStatus,
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
    where,
    words,
)
from policyconsole.diagnostics import Diagnostic, Kind, Place, Severity, error
from policyconsole.events import STAGES, Change, EventType, Latency, PolicyEvent
from policyconsole.latency import StageTimings
from policyconsole.policy import PolicyConfig
from policyconsole.snapshot import EngineSnapshot, FileStatus, Verdict, WatchState
from policyconsole.validation.plugins import PluginRules
from policyconsole.validation.rule import reported_elsewhere

NOW = datetime(2026, 11, 23, 18, 4, 12, 345_678, tzinfo=UTC)
WARNING = Diagnostic("LOGIC007", Kind.WARNING, "sessions are short")
ADVICE = Diagnostic("REC001", Kind.RECOMMENDATION, "more iterations")
TOO_OLD = error("SEC003", Severity.HIGH, "TLSv1.0 is too old")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def told(kind: EventType, seq: int, path: str | None = None, **more: object) -> PolicyEvent:
    event = PolicyEvent(kind, seq=seq, time=NOW, path=path)
    return replace(event, **more)  # type: ignore[arg-type]  # the fields of the event


def applied(seq: int, path: str, policy_id: str, revision: int = 1, **more: object) -> PolicyEvent:
    more = {"generation": seq, **more}
    return told(EventType.APPLIED, seq, path, policy_id=policy_id, revision=revision, **more)


def rejected(seq: int, path: str, policy_id: str | None, revision: int | None) -> PolicyEvent:
    return told(
        EventType.REJECTED, seq, path, policy_id=policy_id, revision=revision, diagnostics=(TOO_OLD,)
    )  # fmt: skip


STARTED = told(EventType.STARTED, 1)


def after(*events: PolicyEvent) -> Dashboard:
    board = Dashboard()
    board.fold(events)
    return board


def snapshot(seq: int, *files: FileStatus) -> EngineSnapshot:
    policies = {
        status.in_force_id: ActivePolicy(
            PolicyConfig(id="x", name="x", version="1.0.0"), 4, "sha256:0", status.path, NOW
        )
        for status in files
        if status.in_force_id
    }
    return EngineSnapshot(
        seq,
        PolicySet(8).commit(policies),
        {status.path: status for status in files},
        WatchState.WATCHING,
        None,
        "strict",
        "production",
        "/srv/policies",
    )


def test_what_comes_into_force_is_live() -> None:
    board = after(STARTED, applied(2, "a.toml", "a", latency=Latency(total=1.5)))
    row = board.rows["a.toml"]
    assert (row.name, row.status, row.revision, row.since) == ("a", RowStatus.LIVE, 1, NOW)
    assert (row.total_ms, row.note, row.findings) == (1.5, "", 0)


def test_what_lay_there_before_the_start_was_not_saved_now() -> None:
    board = after(
        applied(1, "a.toml", "a", latency=Latency(total=1970.0)), told(EventType.STARTED, 2)
    )
    assert board.rows["a.toml"].total_ms is None
    board.fold([applied(3, "a.toml", "a", 2, latency=Latency(total=1.5))])
    assert board.rows["a.toml"].total_ms == 1.5


def test_warnings_make_another_status_and_recommendations_do_not() -> None:
    board = after(
        applied(1, "a.toml", "a", diagnostics=(ADVICE, WARNING)),
        applied(2, "b.toml", "b", diagnostics=(ADVICE,)),
    )
    assert board.rows["a.toml"].status is RowStatus.WARNINGS
    assert board.rows["b.toml"].status is RowStatus.LIVE
    assert board.rows["b.toml"].findings == 1


def test_an_error_that_does_not_refuse_is_shown_like_a_warning() -> None:
    board = after(
        applied(1, "a.toml", "a", diagnostics=(error("SEC003", Severity.LOW, "TLS 1.0"),))
    )
    assert board.rows["a.toml"].status is RowStatus.WARNINGS


def test_a_refused_file_says_what_stays_in_force() -> None:
    board = after(applied(1, "a.toml", "a", 3), rejected(2, "a.toml", "a", 3))
    row = board.rows["a.toml"]
    assert (row.status, row.revision, row.in_force_id) == (RowStatus.REFUSED, 3, "a")
    assert row.note == "r3 stays in force"
    assert (board.header.in_force, board.header.refused) == (1, 1)


def test_a_file_that_never_was_good_has_nothing_in_force() -> None:
    board = after(rejected(1, "a.toml", None, None))
    row = board.rows["a.toml"]
    assert (row.name, row.note) == ("a.toml", "nothing in force")
    assert board.header.in_force == 0


def test_a_target_that_fails_is_a_status_of_its_own() -> None:
    board = after(
        applied(1, "a.toml", "a", 1),
        told(EventType.APPLY_FAILED, 2, "a.toml", policy_id="a", revision=1, message="no memory"),
    )
    assert board.rows["a.toml"].status is RowStatus.FAILED
    assert board.rows["a.toml"].note == "r1 stays in force"


def test_a_removed_file_has_no_row() -> None:
    board = after(applied(1, "a.toml", "a"), told(EventType.REMOVED, 2, "a.toml", policy_id="a"))
    assert board.rows == {}


def test_a_policy_that_moves_leaves_its_old_row() -> None:
    board = after(applied(1, "a.toml", "x"), applied(2, "b.toml", "x"))
    assert list(board.rows) == ["b.toml"]


def test_two_files_that_swap_ids_keep_their_rows() -> None:
    board = after(
        applied(1, "a.toml", "x"),
        applied(2, "b.toml", "y"),
        applied(3, "a.toml", "y"),
        applied(4, "b.toml", "x"),
    )
    assert {path: row.policy_id for path, row in board.rows.items()} == {
        "a.toml": "y",
        "b.toml": "x",
    }


def test_a_refused_file_that_loses_its_policy_to_another_keeps_its_row() -> None:
    """Two folders change places, and a third file has the id of one: the refusal comes first."""
    board = after(
        applied(1, "d/a.toml", "x"),
        rejected(2, "d/a.toml", "y", None),
        applied(3, "e/a.toml", "x"),
    )
    assert board.rows["d/a.toml"].status is RowStatus.REFUSED
    assert board.rows["d/a.toml"].in_force_id is None
    assert board.rows["e/a.toml"].in_force_id == "x"


def test_the_environment_is_asked_of_the_engine() -> None:
    status = FileStatus("a.toml", "a", Verdict.IN_FORCE, (), NOW, environment="staging")
    board = Dashboard({"a.toml": status}.get)
    board.fold([applied(1, "a.toml", "a")])
    assert board.rows["a.toml"].environment == "staging"


def test_the_header_follows_the_events() -> None:
    board = Dashboard()
    board.rebuild(snapshot(0))
    assert (board.header.level, board.header.environment) == ("strict", "production")
    changes = (Change("level", "strict", "basic"), Change("environment", "production", None))
    board.fold([told(EventType.CONFIGURED, 1, changes=changes, generation=10)])
    header = board.header
    assert (header.level, header.environment, header.generation) == ("basic", None, 10)
    board.fold([told(EventType.DEGRADED, 2, message="the folder is gone")])
    assert (board.header.watch, board.header.message) == (WatchState.DEGRADED, "the folder is gone")
    assert board.header.watch_sign == "▼"
    board.fold([told(EventType.RECOVERED, 3)])
    assert (board.header.watch, board.header.message) == (WatchState.WATCHING, None)
    board.fold([told(EventType.STOPPED, 4, message="it ended")])
    assert (board.header.watch, board.header.message) == (WatchState.STOPPED, "it ended")


def test_a_snapshot_gives_what_the_events_would_have() -> None:
    board = Dashboard()
    board.rebuild(
        snapshot(
            7,
            FileStatus("b.toml", "b", Verdict.REFUSED, (TOO_OLD,), NOW, in_force_id="b"),
            FileStatus("a.toml", "a", Verdict.IN_FORCE, (WARNING,), NOW, in_force_id="a"),
            FileStatus("c.toml", "c", Verdict.FAILED, (), NOW, in_force_id="c"),
        )
    )
    statuses = {path: row.status for path, row in board.rows.items()}
    assert statuses == {
        "a.toml": RowStatus.WARNINGS,
        "b.toml": RowStatus.REFUSED,
        "c.toml": RowStatus.FAILED,
    }
    assert list(board.rows) == ["a.toml", "b.toml", "c.toml"]
    assert board.rows["b.toml"].note == "r4 stays in force"
    assert (board.header.generation, board.header.in_force, board.header.refused) == (9, 3, 2)


def test_events_that_a_snapshot_holds_already_change_no_row() -> None:
    board = Dashboard()
    board.rebuild(snapshot(5))
    version = board.version
    board.fold([applied(5, "a.toml", "a")])
    assert board.rows == {}
    assert board.version == version
    assert board.events_seen == 1
    board.fold([applied(6, "a.toml", "a")])
    assert list(board.rows) == ["a.toml"]
    assert board.version > version


def test_a_snapshot_keeps_the_events_and_the_totals() -> None:
    board = after(STARTED, applied(2, "a.toml", "a", latency=Latency(total=2.5)))
    board.rebuild(
        snapshot(3, FileStatus("a.toml", "a", Verdict.IN_FORCE, (), NOW, in_force_id="a"))
    )
    assert len(board.events) == 2
    assert board.rows["a.toml"].total_ms == 2.5


def test_the_ring_of_events_is_bounded() -> None:
    board = after(*(applied(n, "a.toml", "a") for n in range(1, EVENT_RING + 11)))
    assert len(board.events) == EVENT_RING
    assert board.events_seen == EVENT_RING + 10


def test_names_are_safe_to_show() -> None:
    board = after(rejected(1, "\x1b[2J\udcff.toml", None, None))
    assert next(iter(board.rows.values())).name == "\\x1b[2J\\udcff.toml"


def test_the_line_of_the_header_says_each_part() -> None:
    board = after(applied(1, "a.toml", "a"), rejected(2, "b.toml", "b", None))
    board.fold([told(EventType.STARTED, 3)])
    said = header_line(board.header)
    assert (said.watch, said.generation) == ("● watching", "generation 1")
    assert (said.in_force, said.refused) == ("1 in force", "1 refused")
    assert header_line(replace(board.header, refused=0)).refused == ""
    assert header_line(replace(board.header, folder="\x1b")).folder == "\\x1b"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (-5, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3_599, "59m"),
        (3_600, "1h"),
        (200_000, "2d"),
    ],
)
def test_ages_are_short(seconds: int, said: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, "-"), (0.123, "0.12"), (12.34, "12.3"), (123.4, "123")]
)
def test_milliseconds_have_as_many_digits_as_matter(value: float | None, said: str) -> None:
    assert milliseconds(value) == said


def test_a_moment_of_another_day_has_its_date() -> None:
    assert moment(NOW, NOW) == "18:04:12"
    assert moment(NOW - timedelta(days=1), NOW) == "2026-11-22 18:04:12"


def row(status: RowStatus, revision: int | None = 3) -> PolicyRow:
    held = None if revision is None else "a"
    return PolicyRow(
        "team/a.toml", "a-policy", status, revision, "staging", (TOO_OLD,), NOW, 1, held
    )


@pytest.mark.parametrize(
    ("shown", "since", "said"),
    [
        (row(RowStatus.LIVE), NOW, "revision 3 in force since 18:04:12"),
        (row(RowStatus.LIVE), None, "revision 3 in force"),
        (row(RowStatus.REFUSED), NOW, "revision 3 stays in force since 18:04:12"),
        (row(RowStatus.REFUSED, None), None, "nothing of this file is in force"),
    ],
)
def test_what_is_in_force_is_said_with_its_time(
    shown: PolicyRow, since: datetime | None, said: str
) -> None:
    assert standing(shown, since, NOW) == said


def test_a_row_has_only_the_source_that_its_findings_are_about() -> None:
    refused = row(RowStatus.REFUSED)
    status = FileStatus("team/a.toml", "a", Verdict.REFUSED, (TOO_OLD,), NOW, source="x = 1")
    assert source_for(refused, status) == "x = 1"
    assert source_for(refused, replace(status, diagnostics=())) is None
    assert source_for(refused, None) is None


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("POLICY", True),
        ("team/", True),
        ("refused staging", True),
        ("sec003", True),
        ("live", False),
        ("a-policy production", False),
    ],
)
def test_rows_are_found_by_all_the_words(query: str, matches: bool) -> None:
    assert row_matches(row(RowStatus.REFUSED), query) is matches


@pytest.mark.parametrize(
    ("query", "matches"),
    [("", True), ("applied", True), ("A.TOML", True), ("min_version", True), ("rejected", False)],
)
def test_events_are_found_by_all_the_words(query: str, matches: bool) -> None:
    changes = (Change("security.tls.min_version", "a", "b"),)
    assert event_matches(applied(1, "a.toml", "a", changes=changes), query) is matches


def changed(*changes: Change) -> PolicyEvent:
    return applied(1, "a.toml", "a", 3, changes=changes)


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (changed(), ("r3", "")),
        (changed(Change("version", "1", "2")), ("r3", "version: 1 → 2")),
        (changed(Change("x", None, True)), ("r3", "x: none → true")),
        (changed(Change("a", 1, 2), Change("b", 1, 2)), ("r3", "a, b")),
        (changed(Change("custom.api_key", "k1", "k2")), ("r3", "custom.api_key: *** → ***")),
        (changed(Change("x", "\x1b", "y" * 60)), ("r3", f"x: \\x1b → {'y' * 39}…")),
        (rejected(1, "a.toml", "a", None), ("SEC003", "")),
        (told(EventType.LAGGED, 1, message="7"), ("", "7 events missed")),
        (told(EventType.DEGRADED, 1, message="gone"), ("", "gone")),
        (told(EventType.CONFIGURED, 1, changes=(Change("level", "a", "b"),)), ("", "level: a → b")),
    ],
)
def test_events_are_told_in_a_short_half_and_the_rest(
    event: PolicyEvent, parts: tuple[str, str]
) -> None:
    assert event_parts(event) == parts
    assert event_line(event).detail == "  ".join(part for part in parts if part)


def test_an_event_is_told_on_a_line() -> None:
    line = event_line(rejected(1, "a\n.toml", None, None))
    assert (line.time, line.sign, line.word) == ("18:04:12.345", "✖", "rejected")
    assert line.subject == "a\\n.toml"


@pytest.mark.parametrize("kind", EventType)
def test_every_type_has_a_sign(kind: EventType) -> None:
    assert len(EVENT_SIGNS[kind]) == 1


def test_figures_stand_beside_their_targets() -> None:
    timings = StageTimings()
    timings.record(Latency(detect=30.0, load=1.0, total=99.0))
    rows = {row.stage: row for row in latency_rows(timings.statistics())}
    assert tuple(rows) == STAGES
    assert (rows["detect"].target, rows["detect"].on_target) == ("< 20", False)
    assert (rows["load"].target, rows["load"].on_target) == ("", None)
    assert (rows["apply"].p50, rows["apply"].on_target) == ("-", None)
    assert (rows["total"].max, rows["total"].on_target) == ("99.0", True)


def test_sparklines_go_from_the_lowest_to_the_highest() -> None:
    assert sparkline([]) == ""
    assert sparkline([5.0, 5.0]) == "▁▁"
    assert sparkline([0.0, 7.0, 3.0]) == "▁█▄"


def test_a_finding_says_where_it_is_and_who_demands_it() -> None:
    found = error("SEC003", Severity.HIGH, "old", place=Place(14, 15, 14, 24))
    assert where(found) == "line 14:15"
    assert where(error("FILE004", Severity.CRITICAL, "empty")) == ""
    assert "RFC 8996" in rule_source("SEC003")
    assert rule_source("SYNTAX001") == rule_source("MINE001") == ""


def test_the_rule_of_a_plug_in_names_its_source_too(monkeypatch: pytest.MonkeyPatch) -> None:
    team = reported_elsewhere("TEAM001", "It is not as we do it.\n\nSource: The handbook, page 7.")
    monkeypatch.setattr(words, "plugin_rules", lambda: PluginRules((team,)))
    assert rule_source("TEAM001") == "The handbook, page 7."


def test_a_rollback_says_its_revision_whose_it_is_and_what_it_changed() -> None:
    change = Change("security.tls.min_version", "TLSv1.2", "TLSv1.3")
    event = PolicyEvent(
        EventType.ROLLED_BACK, policy_id="p", revision=4, changes=(change,), message="as it was"
    )
    assert event_parts(event) == (
        "r4",
        "as it was  security.tls.min_version: TLSv1.2 → TLSv1.3",
    )
    assert event_parts(replace(event, changes=())) == ("r4", "as it was")


def test_changes_are_said_in_a_line_without_secrets_or_control_characters() -> None:
    secret = Change("custom.api_key", "one", "two")
    hostile = Change("custom.\x1b", None, True)
    assert change_line(secret) == changes_line([secret]) == "custom.api_key: *** → ***"
    assert change_line(hostile) == "custom.\\x1b: none → true"
    assert changes_line([secret, hostile]) == "custom.api_key, custom.\\x1b"
    assert changes_line([]) == ""
