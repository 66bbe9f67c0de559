"""``watch --log-file`` as a real process."""

import json
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import enumerate as threads
from typing import Any

import pytest

from policyconsole.cli.log import MOST_DIAGNOSTICS, logging_to
from policyconsole.cli.log_file import LogFile
from policyconsole.diagnostics import Severity, error
from policyconsole.events import EventType, PolicyEvent
from policyconsole.hosting import EngineThread
from tests import policies
from tests.cli.processes import Watching, run
from tests.waiting import eventually_blocking

Line = dict[str, Any]

FIELDS = [
    *("timestamp", "level", "event", "seq", "path", "policy_id", "revision", "digest"),
    *("sections", "changes", "diagnostics", "more_diagnostics", "message"),
]


def lines(log: Path) -> list[Line]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "watch.log"


def test_each_event_is_a_line_with_its_level(folder: Path, log: Path) -> None:
    file = folder / "security.toml"
    file.write_text(policies.toml())
    with Watching(folder, "--level", "strict", "--log-file", str(log)) as watching:
        watching.until("started")
        file.write_text(policies.REFUSED_AT_STRICT)
        rejected = watching.event()
        file.write_text(policies.toml(extra='description = "a\\u001b[31m\\nb"'))
        applied = watching.event()
        file.unlink()
        watching.until("removed")
        assert watching.end() == 0
        assert watching.errors() == ""
    written = lines(log)
    assert [list(line) for line in written] == [FIELDS] * len(written)
    assert [(line["event"], line["level"]) for line in written] == [
        ("applied", "info"),
        ("started", "info"),
        ("rejected", "warning"),
        ("applied", "info"),
        ("removed", "warning"),
        ("stopped", "info"),
    ]
    assert [line["seq"] for line in written] == [1, 2, 3, 4, 5, 6]
    for event, line in ((rejected, written[2]), (applied, written[3])):
        assert line["timestamp"] == event["time"]
        for field in ("path", "policy_id", "revision", "digest", "sections", "changes", "message"):
            assert line[field] == event[field]
    (refusal,) = [found for found in written[2]["diagnostics"] if found["kind"] == "error"]
    assert (refusal["code"], refusal["field"], refusal["line"]) == (
        "SEC003",
        "security.tls.min_version",
        6,
    )
    assert "\x1b" not in log.read_text()


def test_secrets_are_masked_and_names_from_outside_stay_data(folder: Path, log: Path) -> None:
    secret = "correct-horse-battery"
    file = folder / 'a"\n{}.toml'
    file.write_text(policies.toml() + '[custom]\nadmin_password = "old"\n')
    with open(os.fsencode(folder) + b"/caf\xe9.toml", "w") as other:
        other.write(policies.toml("another"))
    with Watching(folder, "--log-file", str(log)) as watching:
        watching.until("started")
        file.write_text(policies.toml() + f'[custom]\nadmin_password = "{secret}"\n')
        watching.event()
        watching.end()
    assert secret not in log.read_text()
    written = lines(log)
    (changed,) = [line for line in written if line["changes"]]
    assert changed["path"] == file.name
    assert changed["changes"] == [{"field": "custom.admin_password", "old": "***", "new": "***"}]
    assert "caf\udce9.toml" in [line["path"] for line in written]


@pytest.mark.parametrize("name", ["security.toml", "below/new.json"])
def test_a_policy_is_no_log(folder: Path, name: str) -> None:
    """Each line in it would be a change, which is a line."""
    (folder / "security.toml").write_text(policies.toml())
    (folder / "below").mkdir()
    result = run("watch", "--log-file", folder / name, folder)
    assert result.returncode == 2
    message = f"{folder / name} is taken for a policy: the log must be another file"
    assert result.stderr.decode() == f"policy-console: {message}\n"
    assert (folder / "security.toml").read_text() == policies.toml()


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (PolicyEvent(EventType.CONFIGURED), "info"),
        (PolicyEvent(EventType.ROLLED_BACK), "info"),
        (PolicyEvent(EventType.DEGRADED), "warning"),
        (PolicyEvent(EventType.RECOVERED), "info"),
        (PolicyEvent(EventType.LAGGED), "warning"),
        (PolicyEvent(EventType.APPLY_FAILED), "error"),
        (PolicyEvent(EventType.STOPPED), "info"),
        (PolicyEvent(EventType.STOPPED, message="the engine has ended: no memory"), "error"),
    ],
)
def test_what_needs_a_look_has_a_level_that_says_so(
    folder: Path, log: Path, event: PolicyEvent, level: str
) -> None:
    engine = EngineThread(folder)
    with logging_to(str(log), engine) as events:
        events.push(event)
    assert [(line["event"], line["level"]) for line in lines(log)] == [(event.type.value, level)]


def test_a_dash_is_standard_error(folder: Path) -> None:
    with Watching(folder, "--log-file", "-") as watching:
        watching.until("started")
        assert watching.end() == 0
        written = [json.loads(line)["event"] for line in watching.errors().splitlines()]
    assert written == ["started", "stopped"]


def test_a_log_that_is_moved_away_goes_on_in_a_new_file(folder: Path, log: Path) -> None:
    file = folder / "security.toml"
    with Watching(folder, "--log-file", str(log)) as watching:
        watching.until("started")
        eventually_blocking(lambda: len(lines(log)) == 1)
        log.rename(log.with_suffix(".1"))
        file.write_text(policies.toml())
        eventually_blocking(log.exists)
        watching.end()
    assert [line["event"] for line in lines(log.with_suffix(".1"))] == ["started"]
    assert [line["event"] for line in lines(log)] == ["applied", "stopped"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_log_that_takes_nothing_is_said_once_and_ends_nothing(folder: Path) -> None:
    file = folder / "security.toml"
    with Watching(folder, "--log-file", "/dev/full") as watching:
        watching.until("started")
        for number in range(3):
            file.write_text(policies.toml(requests_per_minute=100 + number))
            assert watching.event()["type"] == "applied"
        assert watching.end() == 0
        assert watching.errors() == (
            "policy-console: cannot write to the log /dev/full: No space left on device\n"
        )


def test_a_log_that_nobody_reads_holds_nothing_up(folder: Path, log: Path) -> None:
    """A pipe, which is full after some hundred lines."""
    os.mkfifo(log)
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    for number in range(400):
        (folder / f"{number}.toml").write_text(policies.toml(f"policy-{number}"))
    with Watching(folder, "--log-file", str(log)) as watching:
        watching.until("started")
        (folder / "1.toml").write_text(policies.toml("policy-1", log_level="warn"))
        assert watching.event()["type"] == "applied"
        watching.process.send_signal(signal.SIGTERM)
        watching.until("stopped")
        os.close(reader)  # nobody can read any more, and the end need not wait
        assert watching.code() == 0
        assert watching.errors() == f"policy-console: cannot write to the log {log}: Broken pipe\n"


def test_the_end_does_not_wait_for_ever_for_a_log(
    folder: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("policyconsole.cli.log.PATIENCE", 0.05)
    os.mkfifo(log)
    reader, writer = (os.open(log, how | os.O_NONBLOCK) for how in (os.O_RDONLY, os.O_WRONLY))
    with suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(65536))
    engine = EngineThread(folder)
    with logging_to(str(log), engine), engine:
        pass
    message = "policy-console: the log took nothing for 0.05 s: its last lines are lost\n"
    assert capfd.readouterr().err == message
    os.close(reader)
    os.close(writer)
    eventually_blocking(lambda: "policy-console log" not in {thread.name for thread in threads()})


def test_lost_lines_are_counted_in_the_log_itself(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, tried, write = tmp_path / "later" / "log", list[bool](), LogFile.write

    def written(file: LogFile, line: str) -> bool:
        tried.append(write(file, line))
        return tried[-1]

    monkeypatch.setattr(LogFile, "write", written)
    engine = EngineThread(folder)
    with logging_to(str(log), engine), engine:
        (folder / "a.toml").write_text(policies.toml())
        eventually_blocking(lambda: len(tried) == 3)  # the last two: that one is lost, and itself
        log.parent.mkdir()
        (folder / "b.toml").write_text(policies.toml("another"))
        eventually_blocking(lambda: len(tried) == 5)
    assert tried == [False, False, False, True, True, True]
    assert [(line["event"], line["level"]) for line in lines(log)] == [
        ("lines_lost", "warning"),
        ("applied", "info"),
        ("stopped", "info"),
    ]
    assert lines(log)[0]["count"] == 2


def test_what_the_package_logs_goes_the_same_way(
    folder: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("policyconsole"), "propagate", False)
    engine = EngineThread(folder)
    token = "ghp_" + "a1B2" * 9
    with logging_to(str(log), engine), engine:
        logger = logging.getLogger("policyconsole.engine")
        logger.debug("not this")
        logger.warning("one\n%s", token)
        try:
            open(f"/nowhere/{token}").close()
        except OSError:
            logger.exception("two")
        logger.error("three %s")
        logger.error("four %d", "x")
        logging.getLogger("elsewhere").error("not this")
    written = [line for line in lines(log) if line["event"] == "log"]
    assert [(line["level"], line["message"]) for line in written] == [
        ("warning", "one\n***"),
        ("error", "two"),
        ("error", "three %s"),
        ("error", "four %d"),
    ]
    assert {line["logger"] for line in written} == {"policyconsole.engine"}
    exception = written[1]["exception"]
    assert (exception["type"], exception["message"]) == (
        "FileNotFoundError",
        "[Errno 2] No such file or directory: '/nowhere/***'",
    )
    assert exception["places"][0].startswith("test_what_the_package_logs_goes_the_same_way (")
    assert not logging.getLogger("policyconsole").handlers


def test_an_exception_that_cannot_say_what_it_is_does_not_end_the_log(
    folder: Path, log: Path
) -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise LookupError

    engine = EngineThread(folder)
    with logging_to(str(log), engine), engine:
        logging.getLogger("policyconsole.engine").error("one", exc_info=MuteError())
    written = {line["event"]: line for line in lines(log)}
    assert written["log"]["exception"]["type"] == "MuteError"
    assert "stopped" in written


def test_many_diagnostics_are_counted(folder: Path, log: Path) -> None:
    found = tuple(error(f"SEC{number:03}", Severity.LOW, "so") for number in range(30))
    engine = EngineThread(folder)
    with logging_to(str(log), engine) as events:
        events.push(PolicyEvent(EventType.REJECTED, diagnostics=found))
        events.push(PolicyEvent(EventType.REJECTED, diagnostics=found[:MOST_DIAGNOSTICS]))
    many, few = lines(log)
    codes = [diagnostic["code"] for diagnostic in many["diagnostics"]]
    assert codes == [f"SEC{number:03}" for number in range(MOST_DIAGNOSTICS)]
    assert many["more_diagnostics"] == 30 - MOST_DIAGNOSTICS
    assert (few["diagnostics"], few["more_diagnostics"]) == (many["diagnostics"], 0)
