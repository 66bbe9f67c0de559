"""The paragraph "Reading" of the failure modes: one table of cases, through ``check`` and the engine.

Whatever lies in the folder, each file has its verdict, the good ones beside it are in
force, and ``check`` and ``watch`` say the same of the same file.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from policyconsole.diagnostics import Diagnostic
from policyconsole.judging import judge
from policyconsole.loading.formats import Format, format_of
from policyconsole.reading import UnreadableError, read_file
from policyconsole.validation.ruleset import Ruleset
from tests import policies
from tests.cli.processes import PROGRAM, Watching
from tests.loading.sources import SOURCES
from tests.reading_cases import CONTENTS, OTHERS, put

SECONDS = 1.0
"""Processor time that one case may take."""

MEMORY = 512 * 1024
"""Kilobytes of address space in which every case must fit, one after the other."""

GOOD = {
    "good.toml": SOURCES[Format.TOML],
    "good.yaml": SOURCES[Format.YAML],
    "good.json": SOURCES[Format.JSON],
}

LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) * 1024,) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")


def good(name: str, policy_version: str = "1.0.0") -> str:
    """A good policy that has the name of its file as id."""
    return GOOD[name].replace("a-policy", name).replace("1.0.0", policy_version)


@pytest.mark.parametrize("name", CONTENTS)
def test_a_content_has_its_code_and_place_within_a_second(tmp_path: Path, name: str) -> None:
    put(name, tmp_path)
    case, form = CONTENTS[name], format_of(name)
    assert form is not None

    def errors() -> tuple[list[tuple[str, tuple[int, int] | None]], float]:
        begin = time.process_time()
        try:
            content = read_file(tmp_path / name)
        except UnreadableError as problem:
            found: tuple[Diagnostic, ...] = (problem.diagnostic,)
        else:
            found = judge(content, form, Ruleset(), "").diagnostics
        places = [
            (item.code, (item.place.line, item.place.column) if item.place else None)
            for item in found
            if item.blocks
        ]
        return places, time.process_time() - begin

    said, taken = errors()
    assert said == [(case.code, case.place)]
    assert taken < SECONDS or errors()[1] < SECONDS  # the machine may have been busy


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_readable_file_is_said_to_be(tmp_path: Path, name: str) -> None:
    put(name, tmp_path)
    _, code, words = OTHERS[name]
    begin = time.process_time()
    with pytest.raises(UnreadableError) as caught:
        read_file(tmp_path / name)
    assert time.process_time() - begin < SECONDS
    found = caught.value.diagnostic
    assert (found.code, found.place) == (code, None)
    assert words in f"{found.message} {found.help}"


def checked(folder: Path) -> dict[str, Any]:
    """What ``check`` says of each file of a folder, in a process with little memory."""
    command = [*PROGRAM, "check", "--format", "json", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(MEMORY), *command],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr[-2000:]
    files = json.loads(done.stdout)["files"]
    return {str(Path(file["path"]).relative_to(folder)): file for file in files}


@linux
def test_check_and_watch_say_the_same_of_each_and_the_good_ones_go_on(folder: Path) -> None:
    for name in GOOD:
        (folder / name).write_text(good(name))
    told: dict[str, Any] = {}
    with Watching(folder) as watching:
        watching.until("started")
        for name in (*CONTENTS, *OTHERS):
            put(name, folder)
        while told.keys() != CONTENTS.keys() | OTHERS.keys():
            event = watching.until("rejected")
            told[event["path"]] = event
        for number, name in enumerate(GOOD):
            (folder / name).write_text(good(name, f"2.0.{number}"))
            event = watching.until("applied")
            assert (event["path"], event["policy_id"]) == (name, name)
            assert [change["new"] for change in event["changes"]] == [f"2.0.{number}"]
        watching.process.terminate()
        rest = watching.rest()
        assert [event["type"] for event in rest] == ["stopped"]
        assert watching.code() == 0
    said = checked(folder)
    assert said.keys() == told.keys() | GOOD.keys()
    for name, event in told.items():
        assert not said[name]["valid"]
        assert said[name]["diagnostics"] == event["diagnostics"], name
        assert said[name]["digest"] == event["digest"], name
    for name in GOOD:
        assert said[name]["valid"]


@linux
def test_a_start_on_the_folder_says_the_same(folder: Path) -> None:
    for name in (*CONTENTS, *OTHERS):
        put(name, folder)
    for name in GOOD:
        (folder / name).write_text(good(name))
    told: dict[str, Any] = {}
    with Watching(folder) as watching:
        while (event := watching.event())["type"] != "started":
            told[event["path"]] = event
    said = checked(folder)
    assert said.keys() == told.keys()
    for name, file in said.items():
        assert told[name]["type"] == ("applied" if name in GOOD else "rejected")
        assert told[name]["diagnostics"] == file["diagnostics"], name


def test_a_mark_alone_keeps_no_policy_out_of_force() -> None:
    content = b"\xef\xbb\xbf" + policies.toml().encode()
    judgement = judge(content, Format.TOML, Ruleset(), "")
    assert judgement.accepted
