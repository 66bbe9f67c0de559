"""A session recorded from a real engine, and played back: the same picture."""

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from policyconsole import EngineThread, EventType, ValidationLevel
from policyconsole.application.request import Request
from policyconsole.application.tally import RequestCounts
from policyconsole.dashboard import Dashboard
from policyconsole.replaying import writing
from policyconsole.replaying.engine import RecordedEngine
from policyconsole.replaying.lines import LONGEST_SOURCE
from policyconsole.replaying.reading import NotARecordingError, Recording, read_recording
from policyconsole.replaying.writing import RecordingWriter
from policyconsole.rollback.plan import RollbackError
from policyconsole.snapshot import Verdict, WatchState
from tests.policies import toml
from tests.tui.scripted import ScriptedEngine
from tests.tui.stories import hostile, large, usual
from tests.waiting import eventually_blocking

SECRET = "sk-live-0123456789"


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Dashboard, EngineThread]:
    """A recording, what a face showed of the engine at its end, and the engine."""
    folder, path = tmp_path / "policies", tmp_path / "session.jsonl"
    folder.mkdir()
    (folder / "a.toml").write_text(toml("a", extra=f'[custom]\napi_key = "{SECRET}"\n'))
    (folder / "b.toml").write_text(toml("b"))
    engine = EngineThread(folder, level=ValidationLevel.STRICT)
    writer = RecordingWriter(engine, path.open("xb"))
    writer.start()
    board = Dashboard(engine.file)
    board.rebuild(engine.snapshot())
    with engine.subscribe() as events:

        def shown(condition: Callable[[], object]) -> None:
            def holds() -> object:
                board.fold(events.drain())
                return condition()

            eventually_blocking(holds)

        with engine:
            shown(lambda: board.header.watch is WatchState.WATCHING)
            (folder / "a.toml").write_text(toml("a", requests_per_minute=61))
            shown(lambda: board.rows["a.toml"].revision == 2)
            (folder / "a.toml").write_text(toml("a", min_version="TLSv1.0"))
            shown(lambda: board.header.refused == 1)
            (folder / "b.toml").unlink()
            shown(lambda: "b.toml" not in board.rows)
            engine.guard("a").check(Request(client="192.0.2.1"))
        shown(lambda: board.header.watch is WatchState.STOPPED)
    writer.stop()
    assert writer.problem is None
    return path, board, engine


def played(recording: Recording) -> tuple[RecordedEngine, Dashboard]:
    """Play a recording to its end as fast as it goes, and fold what it tells."""
    engine = RecordedEngine(recording, 100.0)
    board = Dashboard(engine.file)
    with engine.subscribe() as events:
        board.rebuild(engine.snapshot())
        engine.start()
        eventually_blocking(lambda: engine.ended)
        for event in events.drain():
            board.fold([event])
            if event.type is EventType.LAGGED:
                board.rebuild(engine.snapshot())
    engine.stop()
    return engine, board


def test_what_is_played_back_looks_like_what_was_recorded(
    recorded: tuple[Path, Dashboard, EngineThread],
) -> None:
    path, board, live = recorded
    recording = read_recording(path)
    assert recording.note is None
    engine, again = played(recording)
    assert again.header == board.header
    assert again.rows == {
        path: replace(row, total_ms=round(row.total_ms or 0.0, 3) or None)
        for path, row in board.rows.items()
    }
    assert [event.record() for event in again.events] == [event.record() for event in board.events]
    assert engine.requests == live.requests
    assert engine.statistics.events[EventType.APPLIED] == live.statistics.events[EventType.APPLIED]
    totals = [stage.count for stage in engine.statistics.stages.values()]
    assert totals == [stage.count for stage in live.statistics.stages.values()]
    assert engine.policies["a"].config == live.policies["a"].config
    assert "b" not in engine.policies
    status = engine.file("a.toml")
    assert status is not None
    assert (status.verdict, status.source) == (Verdict.REFUSED, toml("a", min_version="TLSv1.0"))


def test_history_is_what_was_told_so_far(recorded: tuple[Path, Dashboard, EngineThread]) -> None:
    engine, _ = played(read_recording(recorded[0]))
    assert [revision.revision for revision in engine.history.revisions("a")] == [2, 1]
    assert b"requests_per_minute = 61" in engine.history.revisions("a")[0].content
    (refusal,) = engine.history.refusals("a", limit=5)
    assert [found["code"] for found in refusal.diagnostics] == ["SEC003"]
    assert engine.history.refusals(path="b.toml") == []


def test_a_recording_holds_no_secret_and_is_the_owners(
    recorded: tuple[Path, Dashboard, EngineThread],
) -> None:
    text = recorded[0].read_text(encoding="utf-8")
    assert SECRET not in text
    assert "api_key = ***" in text


def test_nothing_can_be_changed_in_a_recording(
    recorded: tuple[Path, Dashboard, EngineThread],
) -> None:
    engine = RecordedEngine(read_recording(recorded[0]))
    with pytest.raises(RollbackError, match="this is a recording"):
        engine.rollback("a", 1).result()
    engine.configure(ValidationLevel.BASIC, "staging")
    engine.revalidate()
    assert (engine.snapshot().level, engine.snapshot().environment) == ("strict", None)


def test_it_is_held_and_goes_on(recorded: tuple[Path, Dashboard, EngineThread]) -> None:
    engine = RecordedEngine(read_recording(recorded[0]), 0.1)
    engine.pause()
    engine.start()
    held = engine.position
    assert (engine.paused, engine.ended, engine.position) == (True, False, held)
    engine.play_at(1e9)
    assert engine.speed == 100
    engine.pause()
    eventually_blocking(lambda: engine.ended)
    assert engine.position == engine.recording.seconds
    engine.stop()
    engine.stop()
    assert not engine.alive


def scripted(
    tell: Callable[[ScriptedEngine], None], make: Callable[[], ScriptedEngine] = ScriptedEngine
) -> bytes:
    """Give the recording of a scripted engine."""

    class Kept(io.BytesIO):
        def close(self) -> None:
            self.content = self.getvalue()
            super().close()

    file, engine = Kept(), make()
    writer = RecordingWriter(engine, file)
    tell(engine)
    writer.start()
    writer.stop()
    return file.content


def test_hostile_names_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(scripted(hostile))
    live = ScriptedEngine(hostile)
    board = Dashboard(live.file)
    with live.subscribe() as events:
        live.start()
        board.fold(events.drain())
    _, again = played(read_recording(path))
    assert {row.path for row in again.rows.values()} == {row.path for row in board.rows.values()}
    assert "hunter" not in path.read_text(encoding="utf-8")


def test_what_was_missed_is_made_up_for_by_a_whole_state(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_bytes(scripted(large(9_000)))
    recording = read_recording(path)
    assert any(line.kind == "state" for line in recording.lines)
    engine, board = played(recording)
    assert len(board.rows) == len(engine.policies) == 9_000


def test_a_text_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    def one(engine: ScriptedEngine) -> None:
        engine.apply("a.toml", "a", "#" * (LONGEST_SOURCE + 1))

    path = tmp_path / "long.jsonl"
    path.write_bytes(scripted(one))
    engine, board = played(read_recording(path))
    assert engine.file("a.toml") is not None
    assert engine.file("a.toml").source is None  # type: ignore[union-attr]  # see above
    assert board.rows["a.toml"].revision == 1


def test_a_recording_that_grows_too_large_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LARGEST", 4_000)
    path = tmp_path / "large.jsonl"
    path.write_bytes(scripted(usual))
    recording = read_recording(path)
    assert recording.note is not None
    assert "it was recorded no further: it has more than" in recording.note


def test_what_happens_while_the_guards_are_asked_stays_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(ScriptedEngine):
        """Something happens each time somebody asks for the counts, and only then is it written."""

        @property
        def requests(self) -> dict[str, RequestCounts]:
            self.asked_for = getattr(self, "asked_for", 0) + 1
            if self.asked_for <= 3:
                self.apply("a.toml", "a", f'id = "a"\nversion = "1.0.{self.asked_for}"')
            return {"a": RequestCounts(allowed=self.asked_for)}

        @requests.setter
        def requests(self, counts: dict[str, RequestCounts]) -> None: ...

    ticks = itertools.count()
    monkeypatch.setattr(writing, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    path = tmp_path / "asked.jsonl"
    path.write_bytes(scripted(usual, Asked))
    recording = read_recording(path)
    assert recording.note is None
    times = [line.t for line in recording.lines]
    assert times == sorted(times)
    assert [line.kind for line in recording.lines].count("requests") >= 1


def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            if len(self.getvalue()) > 2_000:
                raise OSError(28, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]  # bytes

    engine = ScriptedEngine(usual)
    writer = RecordingWriter(engine, Full())
    writer.start()
    engine.start()
    writer.stop()
    assert writer.problem is not None
    assert "No space left" in writer.problem


BEGUN = json.dumps(
    {
        "kind": "begun",
        "recording": 1,
        "time": "2026-11-25T12:00:00Z",
        "folder": "/srv/policies",
        "level": "strict",
        "environment": None,
    }
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "r.jsonl:1: not a recording"),
        (b'{"kind": "event"}\n', "r.jsonl:1: not a recording"),
        (b"\x00\xff\n", "r.jsonl:1: not a recording"),
        (b"[" * 100_000, "r.jsonl:1: not a recording"),
        (BEGUN.replace('"recording": 1', '"recording": 99').encode(), "from a newer"),
    ],
    ids=["empty", "foreign", "binary", "deep", "newer"],
)
def test_what_is_no_recording_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    with pytest.raises(NotARecordingError, match=words):
        read_recording(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotARecordingError, match="cannot be read: No such file"):
        read_recording(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (b'{"kind": "requests", "t": 2, "req', "r.jsonl:3: this line is cut off"),
        (b'{"kind": "dance", "t": 2}\n\n', "r.jsonl:3: this line is not one that --record"),
        (b'{"kind": "end", "t": 0, "why": null}\n', "r.jsonl:3: this line is out of order"),
        (b"", "it was not recorded to its end"),
    ],
)
def test_a_broken_line_ends_it_there(tmp_path: Path, last: bytes, words: str) -> None:
    path = tmp_path / "r.jsonl"
    whole = b'{"kind": "requests", "t": 1, "requests": {"a": {"allowed": 3, "refused": {}}}}\n'
    path.write_bytes(BEGUN.encode() + b"\n" + whole + last)
    recording = read_recording(path)
    assert recording.note is not None
    assert words in recording.note
    engine, _ = played(recording)
    assert engine.requests["a"].allowed == 3
