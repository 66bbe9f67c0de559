"""What the page is sent says what a Dashboard says, in text that cannot do harm."""

import json
from dataclasses import asdict

from policyconsole.dashboard import (
    Dashboard,
    event_line,
    header_line,
    latency_rows,
    milliseconds,
    sparkline,
    standing,
)
from policyconsole.diagnostics import Diagnostic, Kind, Place, Severity, error
from policyconsole.events import EventType, PolicyEvent
from policyconsole.notebook.feed import Feed
from policyconsole.notebook.payload import (
    DIAGNOSTICS_SHOWN,
    row_key,
    row_part,
)
from policyconsole.snapshot import FileStatus, Verdict
from policyconsole.validation.catalogue import CATALOGUE
from tests.notebook.scripted import START, ScriptedEngine

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\udcff\n.toml"
TLS = error(
    "SEC003",
    Severity.HIGH,
    "TLS 1.0 is below the minimum of 1.2",
    field="security.tls.min_version",
    place=Place(2, 15, 2, 24),
    help='set "TLSv1.2" or "TLSv1.3"',
)
SOURCE = '[security.tls]\nmin_version = "TLSv1.0"\n'


def play(engine: ScriptedEngine) -> None:
    """A log with something of everything."""
    engine.apply("b.toml", "b-policy")
    engine.apply("a.toml", "a-policy", Diagnostic("LOGIC001", Kind.WARNING, "security is off"))
    engine.begin()
    engine.refuse("a.toml", TLS, source=SOURCE)
    engine.apply("b.toml", "b-policy", total=40.0)
    engine.refuse("c.toml", error("PARSE001", Severity.CRITICAL, "not well-formed"))
    engine.apply("d.toml", "d-policy")
    engine.remove("d.toml")
    engine.tell(PolicyEvent(EventType.DEGRADED, message="the folder is gone"))


def test_the_page_is_told_what_a_dashboard_says() -> None:
    engine = ScriptedEngine()
    dashboard = Dashboard(engine.file)
    feed = Feed(engine, lambda: None, lambda: START)
    subscription = engine.subscribe()
    dashboard.rebuild(engine.snapshot())
    play(engine)
    dashboard.fold(subscription.drain())

    message = feed.state()

    rows = [dashboard.rows[path] for path in sorted(dashboard.rows)]
    assert [
        (row["name"], row["sign"], row["status"], row["note"], row["revision"], row["findings"])
        for row in message["rows"]
    ] == [
        (row.name, row.status.sign, row.status, row.note, str(row.revision or "-"), row.findings)
        for row in rows
    ]
    assert [row["total"] for row in message["rows"]] == [milliseconds(row.total_ms) for row in rows]
    assert [row["standing"] for row in message["rows"]] == [
        standing(row, active.since if active else None, START)
        for row in rows
        for active in [engine.policies.get(row.in_force_id or "")]
    ]
    header = dict(message["header"])
    assert header.pop("state") == dashboard.header.watch
    assert header == asdict(header_line(dashboard.header))
    for event, line in zip(dashboard.events, message["events"], strict=True):
        assert asdict(event_line(event)).items() <= line.items()
    assert message["events_seen"] == dashboard.events_seen
    assert message["latency"]["stages"] == [
        asdict(row) for row in latency_rows(engine.statistics.stages)
    ]
    assert message["latency"]["sparkline"] == sparkline(engine.recent("total", 40)) == "▁▁█▁"


def test_a_diagnostic_comes_with_its_line_of_the_source() -> None:
    engine = ScriptedEngine()
    play(engine)
    feed = Feed(engine, lambda: None)

    [diagnostic] = feed.state()["rows"][0]["diagnostics"]

    assert diagnostic["excerpt"] == {
        "line": 2,
        "before": "min_version = ",
        "marked": '"TLSv1.0"',
        "after": "",
    }
    assert diagnostic["place"] == "line 2:15"
    assert diagnostic["source"] == CATALOGUE["SEC003"].explanation.source != ""
    assert (diagnostic["code"], diagnostic["kind"], diagnostic["weight"]) == (
        "SEC003",
        "error",
        "high",
    )


def test_a_source_newer_than_the_diagnostics_is_not_shown_with_them() -> None:
    engine = ScriptedEngine()
    engine.refuse("a.toml", TLS, source=SOURCE)
    dashboard = Dashboard()
    dashboard.rebuild(engine.snapshot())
    newer = FileStatus("a.toml", None, Verdict.REFUSED, (), START, source="x = 1\ny = 2\n")

    [diagnostic] = row_part(dashboard.rows["a.toml"], newer, None, START)["diagnostics"]

    assert diagnostic["excerpt"] is None


def test_hostile_text_is_visible_text_and_plain_json() -> None:
    engine = ScriptedEngine(folder=HOSTILE)
    engine.environment = HOSTILE
    finding = error("X001", Severity.LOW, HOSTILE, field=HOSTILE, help=HOSTILE)
    engine.refuse(HOSTILE, finding, source=HOSTILE)
    engine.apply("ok.toml", HOSTILE)
    engine.tell(PolicyEvent(EventType.DEGRADED, path=HOSTILE, message=HOSTILE))
    feed = Feed(engine, lambda: None)
    feed.report("it failed", HOSTILE)

    text = json.dumps(feed.state(), ensure_ascii=False)

    text.encode("utf-8")
    assert "<script>" in text
    assert text.isprintable()


def test_keys_tell_paths_apart_and_keep_their_order() -> None:
    paths = sorted(["a.toml", "é.toml", "\udcff.toml", "\\udcff.toml", "😀.toml", "z/a.toml"])

    keys = [row_key(path) for path in paths]

    assert keys == sorted(keys)
    assert len(set(keys)) == len(paths)
    assert "".join(keys).isascii()


def test_of_a_file_with_thousands_of_findings_the_first_are_sent() -> None:
    engine = ScriptedEngine()
    engine.refuse("a.toml", *(error("X001", Severity.LOW, f"number {n}") for n in range(1000)))

    [row] = Feed(engine, lambda: None).state()["rows"]

    assert len(row["diagnostics"]) == DIAGNOSTICS_SHOWN
    assert row["findings"] == 1000
