"""The console over a real engine, a real folder and a real kernel."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from policyconsole import Configuration, ConfigurationError
from policyconsole.notebook import PolicyConsole
from tests.notebook.scripted import Page
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml
from tests.waiting import eventually_blocking


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "a.toml").write_text(toml("a-policy"), encoding="utf-8")
    return folder


def test_the_folder_and_its_changes_are_shown(folder: Path, pages: dict[str, Page]) -> None:
    with PolicyConsole(folder):
        [page] = pages.values()
        eventually_blocking(lambda: page.shown == {"a-policy": ("live", "1")})
        (folder / "b.toml").write_text(toml("b-policy"), encoding="utf-8")
        eventually_blocking(lambda: page.shown.get("b-policy") == ("live", "1"))
        (folder / "a.toml").write_text(NOT_WELL_FORMED, encoding="utf-8")
        eventually_blocking(lambda: page.shown["a-policy"] == ("refused", "1"))
        (folder / "b.toml").unlink()
        eventually_blocking(lambda: list(page.shown) == ["a-policy"])
    assert page.gaps == 0


def test_the_nearest_configuration_is_found_and_followed(
    folder: Path, pages: dict[str, Page]
) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT)
    file = folder.parent / "policy-console.toml"
    file.write_text('level = "strict"\n')
    with PolicyConsole(folder) as console, PolicyConsole(folder) as again:
        assert again.engine is console.engine
        page = next(iter(pages.values()))
        eventually_blocking(lambda: page.shown == {"a-policy": ("refused", "-")})
        file.write_text("level = \n")
        eventually_blocking(lambda: "CONF001" in page.header("message"))
        assert page.header("level") == "level strict"
        file.write_text('level = "basic"\n')
        eventually_blocking(lambda: page.shown == {"a-policy": ("live", "1")})
        eventually_blocking(lambda: console._controls.level.value == "basic")
        eventually_blocking(lambda: page.header("message") == "")
    with PolicyConsole(folder, configuration=Configuration()) as console:
        assert console.engine.snapshot().level == "standard"
    with PolicyConsole(folder, level="custom") as console:
        assert console.engine.snapshot().level == "custom"
    file.write_text("level = \n")
    with pytest.raises(ConfigurationError, match="CONF001"):
        PolicyConsole(folder)


def test_showing_it_waits_for_the_first_load(folder: Path) -> None:
    with PolicyConsole(folder) as console:
        bundle = console._repr_mimebundle_()

    assert "a-policy" in str(bundle["text/html"])
    assert "1 in force" in str(bundle["text/plain"])


def test_no_thread_is_left_after_closing(folder: Path) -> None:
    before = set(threading.enumerate())
    console = PolicyConsole(folder)
    assert len(set(threading.enumerate()) - before) >= 2

    console.close()

    assert set(threading.enumerate()) <= before
    assert console.closed
    assert "stopped" in repr(console.snapshot())


def test_two_consoles_on_one_folder_are_both_right(folder: Path, pages: dict[str, Page]) -> None:
    with PolicyConsole(folder), PolicyConsole(folder, level="strict"):
        lenient, strict = pages.values()
        first = {"a-policy": ("live", "1")}
        eventually_blocking(lambda: (lenient.shown, strict.shown) == (first, first))
        (folder / "a.toml").write_text(REFUSED_AT_STRICT, encoding="utf-8")

        eventually_blocking(lambda: lenient.shown == {"a-policy": ("live", "2")})
        eventually_blocking(lambda: strict.shown == {"a-policy": ("refused", "1")})


def test_another_level_judges_every_file_anew(folder: Path, pages: dict[str, Page]) -> None:
    (folder / "a.toml").write_text(REFUSED_AT_STRICT, encoding="utf-8")
    with PolicyConsole(folder, level="basic") as console:
        [page] = pages.values()
        eventually_blocking(lambda: page.shown == {"a-policy": ("live", "1")})

        console._controls.level.value = "strict"

        eventually_blocking(lambda: page.shown == {"a-policy": ("refused", "1")})


def test_another_environment_brings_its_rules(folder: Path, pages: dict[str, Page]) -> None:
    (folder / "a.toml").write_text(toml("a-policy", log_level="debug"), encoding="utf-8")
    with PolicyConsole(folder, level="custom", environment="staging") as console:
        [page] = pages.values()
        eventually_blocking(lambda: page.shown == {"a-policy": ("live", "1")})

        console._controls.environment.value = "production"

        eventually_blocking(lambda: page.shown == {"a-policy": ("warnings", "1")})
        assert console.snapshot().engine.environment == "production"


def test_a_folder_that_comes_later_is_waited_for(tmp_path: Path, pages: dict[str, Page]) -> None:
    folder = tmp_path / "later"
    with PolicyConsole(folder):
        [page] = pages.values()
        folder.mkdir()
        (folder / "a.toml").write_text(toml("a-policy"), encoding="utf-8")

        eventually_blocking(lambda: page.shown == {"a-policy": ("live", "1")})


def test_a_program_that_forgets_to_close_ends_all_the_same(folder: Path) -> None:
    program = (
        "import sys\n"
        "from policyconsole import PolicyConsole\n"
        "console = PolicyConsole(sys.argv[1])\n"
        "console._repr_mimebundle_()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_the_page_is_told_while_a_cell_blocks(
    folder: Path, tmp_path: Path, kernel: BlockingKernelClient
) -> None:
    """The cell sleeps until the test has seen the message that it waits for."""
    seen = tmp_path / "seen"
    kernel.execute_interactive(
        "import time, pathlib\n"
        "from policyconsole import PolicyConsole\n"
        f"console = PolicyConsole({str(folder)!r})\n"
        "console",
        timeout=60,
    )
    blocked = kernel.execute(
        f"seen = pathlib.Path({str(seen)!r})\n"
        "end = time.monotonic() + 60\n"
        "while not seen.exists() and time.monotonic() < end: time.sleep(0.01)\n"
        "print('seen' if seen.exists() else 'nothing came')"
    )
    (folder / "b.toml").write_text(toml("b-policy"), encoding="utf-8")

    printed = ""
    while True:
        message = kernel.get_iopub_msg(timeout=60)
        content = message["content"]
        if message["header"]["msg_type"] == "comm_msg" and "b-policy" in str(content):
            seen.touch()
        if message["header"]["msg_type"] == "stream":
            printed += content["text"]
        if content.get("execution_state") == "idle" and (
            message["parent_header"].get("msg_id") == blocked
        ):
            break

    assert printed == "seen\n"
