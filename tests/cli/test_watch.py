"""``policy-console watch`` as a real process, edited by other real processes."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests import policies
from tests.cli.processes import Event, Watching, environment, in_another_process, run
from tests.waiting import eventually_blocking

KEYS = [
    "version",
    "seq",
    "time",
    "type",
    "path",
    "policy_id",
    "revision",
    "generation",
    "digest",
    "sections",
    "changes",
    "diagnostics",
    "message",
    "latency_ms",
]

IN_PLACE = """
import sys
with open(sys.argv[1], "w") as file:
    file.write(sys.argv[2])
"""

THROUGH_RENAME = """
import os, sys
temporary = sys.argv[1] + ".tmp"
with open(temporary, "w") as file:
    file.write(sys.argv[2])
    file.flush()
    os.fsync(file.fileno())
os.replace(temporary, sys.argv[1])
"""

WITH_BACKUP = """
import os, sys
os.rename(sys.argv[1], sys.argv[1] + "~")
with open(sys.argv[1], "w") as file:
    file.write(sys.argv[2])
os.unlink(sys.argv[1] + "~")
"""

IN_TWO_HALVES = """
import sys, time
text = sys.argv[2]
with open(sys.argv[1], "w") as file:
    file.write(text[: len(text) // 2])
    file.flush()
    time.sleep(0.3)
    file.write(text[len(text) // 2 :])
"""

TOUCH_AND_CHMOD = """
import os, sys
os.utime(sys.argv[1])
os.chmod(sys.argv[1], 0o640)
os.utime(sys.argv[1], (1, 1))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    (made / "security.toml").write_text(policies.toml())
    return made


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "security.toml"


def changed_to(event: Event) -> list[tuple[str, object]]:
    return [(change["field"], change["new"]) for change in event["changes"]]


def test_the_first_content_comes_before_started_with_all_keys(folder: Path) -> None:
    with Watching(folder) as watching:
        applied, started = watching.event(), watching.event()
    assert list(applied) == list(started) == KEYS
    assert (applied["type"], applied["seq"], applied["revision"]) == ("applied", 1, 1)
    assert (applied["path"], applied["policy_id"]) == ("security.toml", "a-policy")
    assert applied["changes"] == []
    assert (started["type"], started["seq"]) == ("started", 2)


@pytest.mark.parametrize("save", [IN_PLACE, THROUGH_RENAME, WITH_BACKUP])
def test_each_save_of_an_editor_gives_one_event(folder: Path, file: Path, save: str) -> None:
    with Watching(folder) as watching:
        seq = watching.until("started")["seq"]
        for number in range(5):
            in_another_process(save, file, policies.toml(requests_per_minute=100 + number))
            event = watching.event()
            assert (event["type"], event["seq"]) == ("applied", seq + 1 + number)
            assert event["revision"] == 2 + number
            assert event["sections"] == ["security"]
            field = "security.rate_limiting.requests_per_minute"
            assert changed_to(event) == [(field, 100 + number)]


def test_what_changes_no_content_gives_no_event(folder: Path, file: Path) -> None:
    with Watching(folder) as watching:
        seq = watching.until("started")["seq"]
        in_another_process(TOUCH_AND_CHMOD, file)
        for save in (IN_PLACE, THROUGH_RENAME, WITH_BACKUP):
            in_another_process(save, file, policies.toml())
        in_another_process(THROUGH_RENAME, folder / "notes.txt", "no policy")
        in_another_process(IN_PLACE, file, policies.toml(log_level="warn"))
        event = watching.event()
    assert (event["type"], event["seq"]) == ("applied", seq + 1)
    assert changed_to(event) == [("monitoring.log_level", "warn")]


def test_a_refused_change_and_its_repair_give_one_event_each(folder: Path, file: Path) -> None:
    with Watching(folder, "--level", "strict") as watching:
        started = watching.until("started")
        in_another_process(THROUGH_RENAME, file, policies.REFUSED_AT_STRICT)
        refused = watching.event()
        in_another_process(THROUGH_RENAME, file, policies.toml(min_version="TLSv1.2"))
        repaired = watching.event()
    assert (refused["type"], refused["seq"]) == ("rejected", started["seq"] + 1)
    assert refused["policy_id"] == "a-policy"
    errors = [item for item in refused["diagnostics"] if item["kind"] == "error"]
    assert [(item["code"], item["field"]) for item in errors] == [
        ("SEC003", "security.tls.min_version")
    ]
    line = policies.REFUSED_AT_STRICT.splitlines()[errors[0]["line"] - 1]
    assert line == 'min_version = "TLSv1.0"'
    assert (repaired["type"], repaired["seq"]) == ("applied", started["seq"] + 2)
    assert changed_to(repaired) == [("security.tls.min_version", "TLSv1.2")]


def test_a_file_written_in_two_halves_gives_one_event_at_the_end(folder: Path, file: Path) -> None:
    whole = policies.toml(log_level="error")
    with Watching(folder) as watching:
        seq = watching.until("started")["seq"]
        in_another_process(IN_TWO_HALVES, file, whole)
        event = watching.event()
        in_another_process(IN_PLACE, file, policies.toml(log_level="debug"))
        following = watching.event()
    assert (event["type"], event["seq"]) == ("applied", seq + 1)
    assert changed_to(event) == [("monitoring.log_level", "error")]
    assert following["seq"] == seq + 2


def test_a_file_that_is_gone_retires_its_policy(folder: Path, file: Path) -> None:
    with Watching(folder) as watching:
        watching.until("started")
        file.unlink()
        event = watching.event()
    assert (event["type"], event["path"]) == ("removed", "security.toml")


def test_an_empty_folder_is_waited_on(tmp_path: Path) -> None:
    with Watching(tmp_path) as watching:
        assert watching.event()["type"] == "started"
        in_another_process(IN_PLACE, tmp_path / "new.toml", policies.toml())
        assert watching.event()["type"] == "applied"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_stopped_as_the_last_line(
    folder: Path, number: signal.Signals
) -> None:
    with Watching(folder) as watching:
        watching.until("started")
        assert watching.end(number) == 0
        assert [event["type"] for event in watching.rest()] == ["stopped"]
        assert watching.errors() == ""


def test_what_a_slow_reader_has_not_read_yet_still_comes_before_stopped(tmp_path: Path) -> None:
    count = 400
    for number in range(count):
        (tmp_path / f"{number}.toml").write_text(policies.toml(f"policy-{number}"))
    with Watching(tmp_path) as watching:
        events = [watching.event()]
        watching.process.send_signal(signal.SIGTERM)
        events += watching.rest()
        assert watching.code() == 0
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "stopped"


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"{number}.toml").write_text(policies.toml(f"policy-{number}"))
    with Watching(tmp_path) as watching:
        watching.event()

        def ended_by_another_signal() -> bool:
            watching.process.send_signal(signal.SIGINT)
            return watching.process.poll() is not None

        # Nobody reads: it cannot end in order, for "stopped" does not fit into the pipe.
        eventually_blocking(ended_by_another_signal)
        assert watching.code() == -signal.SIGINT


def test_a_signal_that_comes_twice_at_once_is_one(folder: Path) -> None:
    """As GNU timeout sends it: to the command, and then to its group."""
    with Watching(folder) as watching:
        watching.until("started")
        for _ in range(2):
            watching.process.send_signal(signal.SIGTERM)
        assert watching.rest()[-1]["type"] == "stopped"
        assert (watching.code(), watching.errors()) == (0, "")


@pytest.mark.parametrize("format_name", ["text", "jsonl"])
def test_it_ends_quietly_when_its_reader_goes_away(folder: Path, format_name: str) -> None:
    with Watching(folder, format=format_name) as watching:
        watching.line()
        watching.close_output()
        assert watching.code() == 0
        assert watching.errors() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_disk_that_is_full_is_said_and_ends_it(folder: Path) -> None:
    command = f"exec {sys.executable} -m policyconsole watch {folder} > /dev/full"
    with Watching(folder) as other:
        other.until("started")
        result = os.waitstatus_to_exitcode(os.system(f"{command} 2> {folder.parent}/errors"))
    assert result == 2
    assert (folder.parent / "errors").read_text() == (
        "policy-console: cannot write to standard output: No space left on device\n"
    )


def test_names_that_are_not_utf8_come_as_escaped_surrogates(tmp_path: Path) -> None:
    name = b"caf\xe9\x1b.toml"
    with open(os.fsencode(tmp_path) + b"/" + name, "w") as file:
        file.write(policies.toml())
    with Watching(tmp_path) as watching:
        line = watching.line()
    assert line is not None
    assert "caf\\udce9\\u001b.toml" in line
    assert os.fsencode(json.loads(line)["path"]) == name


def test_text_says_each_event_in_a_line_and_what_was_found_below_a_refusal(
    folder: Path, file: Path
) -> None:
    (folder / "other\x1b.toml").write_text(policies.toml("other\\u001b[31m"))
    plain = environment(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    with Watching(folder, "--level", "strict", format="text", env=plain) as watching:
        first, second, started = (watching.line() or "" for _ in range(3))
        in_another_process(THROUGH_RENAME, file, policies.REFUSED_AT_STRICT)
        refused = [watching.line() or "" for _ in range(4)]
        in_another_process(THROUGH_RENAME, file, policies.toml(log_level="warn"))
        applied = watching.until_line("applied")
    assert "applied" in first
    assert "other\\x1b[31m" in first + second
    assert "\x1b" not in first + second + started
    assert "started" in started
    assert "✖ rejected" in refused[0]
    assert "a-policy" in refused[0]
    assert refused[1].startswith("    security.toml:6:")
    assert "error SEC003 (high)" in refused[1]
    assert refused[2].strip() == '6 │ min_version = "TLSv1.0"'
    assert refused[3].strip().endswith("^" * len('"TLSv1.0"'))
    assert "r2  monitoring.log_level: info → warn" in applied


@pytest.mark.parametrize("what", ["missing", "file"])
def test_a_folder_that_is_none_is_wrong_usage(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "file":
        path.touch()
    result = run("watch", path)
    assert result.returncode == 2
    assert result.stdout == b""
    reason = "is not a folder" if what == "file" else "does not exist"
    assert result.stderr.decode().startswith("policy-console: ")
    assert reason in result.stderr.decode()


@pytest.mark.parametrize("watcher", ["inotify", "watchfiles", "poll"])
def test_every_watcher_notices_a_save(folder: Path, file: Path, watcher: str) -> None:
    if watcher == "inotify" and sys.platform != "linux":
        pytest.skip("inotify is Linux's")
    with Watching(folder, "--watcher", watcher) as watching:
        seq = watching.until("started")["seq"]
        in_another_process(THROUGH_RENAME, file, policies.toml(log_level="warn"))
        event = watching.event()
        assert (event["type"], event["seq"]) == ("applied", seq + 1)
        assert watching.end() == 0


def test_an_applied_event_says_how_long_each_stage_took(folder: Path, file: Path) -> None:
    with Watching(folder) as watching:
        watching.until("started")
        in_another_process(IN_PLACE, file, policies.toml(log_level="warn"))
        latency = watching.event()["latency_ms"]
    assert set(latency) == {"detect", "load", "validate", "apply", "total"}
    assert all(latency[stage] is not None for stage in ("load", "validate", "apply"))
