"""The live view in real JupyterLab and real Notebook 7, in a real browser."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.notebook.jupyter import (
    BUSY,
    CHROMIUM,
    NO_CHROMIUM,
    browsing,
    cells_running,
    opened,
    run_all,
    serving,
)
from tests.waiting import eventually_blocking

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]
SAMPLES = Path(__file__).parents[2] / "sample_policies"
LIMIT = BUSY * 1000
CONSOLE = """\
from policyconsole import PolicyConsole
console = PolicyConsole("policies", level="strict")
console"""
SLEEP = """\
import time
from pathlib import Path
while not Path("wake").exists():
    time.sleep(0.1)"""


def artefacts(tmp_path: Path) -> Path:
    place = Path(os.environ.get("TEST_ARTEFACTS", tmp_path))
    place.mkdir(parents=True, exist_ok=True)
    return place


def production(root: Path) -> Path:
    return root / "policies" / "production.toml"


def change(path: Path, old: str, new: str) -> float:
    """Edit a file as an editor does, and give the moment."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    beside = path.with_name(".new")
    beside.write_text(text.replace(old, new), encoding="utf-8")
    moment = time.perf_counter()
    beside.replace(path)
    return moment


def row(page: Page, words: str) -> None:
    """Wait until the line of the production policy says these words."""
    line = page.locator(".pc-row", has_text="production-security-policy").first
    expect(line).to_contain_text(words, timeout=LIMIT)


def test_the_view_lives_in_jupyterlab(tmp_path: Path) -> None:
    asked: list[str] = []
    kept = artefacts(tmp_path)
    with serving("lab", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        server.write("live.ipynb", CONSOLE, SLEEP)
        page = opened(browser, server.url("lab/tree/live.ipynb"), asked)
        run_all(page)
        row(page, "live")

        # A cell that never gives the kernel a moment: the row, the finding and the event come.
        eventually_blocking(lambda: cells_running(page) == 1, BUSY)
        saved = change(production(server.root), '"TLSv1.3"', '"TLSv1.0"')
        row(page, "refused")
        took = (time.perf_counter() - saved) * 1000
        expect(page.locator(".pc-finding", has_text="SEC003").first).to_be_visible(timeout=LIMIT)
        expect(page.locator(".pc-event", has_text="rejected").first).to_be_visible(timeout=LIMIT)
        assert cells_running(page) == 1
        (kept / "jupyterlab.json").write_text(json.dumps({"save_to_page_ms": round(took)}))
        page.screenshot(path=kept / "jupyterlab-light.png")

        (server.root / "wake").touch()
        eventually_blocking(lambda: not cells_running(page), BUSY)
        change(production(server.root), '"TLSv1.0"', '"TLSv1.2"')
        row(page, "live")

        level = page.locator(".policy-console-controls select").first
        level.select_option("basic")
        expect(page.locator(".pc-level").first).to_have_text("level basic", timeout=LIMIT)

        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.evaluate(
            "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
        )
        expect(page.locator("body")).to_have_attribute(
            "data-jp-theme-light", "false", timeout=LIMIT
        )
        expect(page.locator("#jupyterlab-splash")).to_have_count(0, timeout=LIMIT)
        page.screenshot(path=kept / "jupyterlab-dark.png")

        page.reload()
        row(page, "live")
        expect(page.locator(".pc-level").first).to_have_text("level basic", timeout=LIMIT)
        change(production(server.root), '"TLSv1.2"', '"TLSv1.3"')
        expect(page.locator(".pc-event", has_text="TLSv1.2 → TLSv1.3").first).to_be_visible(
            timeout=LIMIT
        )
        page.close()
    hosts = {url.partition("://")[2].partition("/")[0] for url in asked if url.startswith("http")}
    assert hosts == {f"127.0.0.1:{server.port}"}


SECOND = """\
console"""
THREADS = """\
import threading
from pathlib import Path
names = sorted(thread.name for thread in threading.enumerate() if "policy" in thread.name)
Path("threads").write_text("\\n".join(names))"""
FLOOD = """\
from policyconsole.demonstration.saving import change
from pathlib import Path
for number in range(1, 2001):
    change(Path("policies/staging.toml"), "burst_size", str(number))"""
CLOSE = """\
console.close()"""


KEEPING = """\
from policyconsole import PolicyConsole
console = PolicyConsole("policies", level="strict", state_dir="state")
console"""


def test_one_goes_back_in_the_page(tmp_path: Path) -> None:
    """The way back by mouse: what changes is shown, then the file has its old content again."""
    asked: list[str] = []
    kept = artefacts(tmp_path)
    with serving("lab", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        file = production(server.root)
        before = file.read_bytes()
        server.write("back.ipynb", KEEPING)
        page = opened(browser, server.url("lab/tree/back.ipynb"), asked)
        run_all(page)
        row(page, "live")
        change(file, '"TLSv1.3"', '"TLSv1.2"')
        expect(page.locator(".pc-event", has_text="TLSv1.3 → TLSv1.2").first).to_be_visible(
            timeout=LIMIT
        )
        page.get_by_role("button", name="roll back").first.click()
        widget = page.locator(".policy-console-widget").first
        expect(widget.locator("select").nth(1)).to_have_value(
            "production-security-policy", timeout=LIMIT
        )
        expect(widget).to_contain_text("security.tls.min_version: TLSv1.2 → TLSv1.3", timeout=LIMIT)
        page.screenshot(path=kept / "jupyterlab-roll-back.png")
        page.get_by_role("button", name="roll back to r1").click()
        expect(widget).to_contain_text("is back at revision 1, as r3", timeout=LIMIT)
        expect(page.locator(".pc-event", has_text="rolled_back").first).to_be_visible(timeout=LIMIT)
        assert file.read_bytes() == before
        page.close()


def test_running_a_cell_again_leaves_nothing_behind(tmp_path: Path) -> None:
    asked: list[str] = []
    with serving("lab", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        threads = server.root / "threads"
        server.write("again.ipynb", CONSOLE, THREADS)
        page = opened(browser, server.url("lab/tree/again.ipynb"), asked)
        for _ in range(3):
            run_all(page)
            eventually_blocking(threads.exists, BUSY)
            eventually_blocking(lambda: not cells_running(page), BUSY)
            names = threads.read_text().splitlines()
            assert names.count("policy-console engine") == 1, names
            assert names.count("policy-console view") == 1, names
            threads.unlink()
            row(page, "live")
        change(production(server.root), '"TLSv1.3"', '"TLSv1.0"')
        row(page, "refused")
        page.close()


def test_views_consoles_and_kernels_come_and_go(tmp_path: Path) -> None:
    """Two views of one console, the cell run twice, thousands of saves, a restart, the end."""
    asked: list[str] = []
    with serving("lab", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        server.write("views.ipynb", CONSOLE, SECOND, CONSOLE, FLOOD, THREADS)
        page = opened(browser, server.url("lab/tree/views.ipynb"), asked)
        run_all(page)
        # One console twice, and a second one: three views; two tickers on one engine.
        expect(page.locator(".policy-console")).to_have_count(3, timeout=LIMIT)
        threads = server.root / "threads"
        eventually_blocking(threads.exists, BUSY)
        eventually_blocking(lambda: "engine" in threads.read_text(), BUSY)
        names = threads.read_text().splitlines()
        assert names.count("policy-console engine") == 1, names
        assert names.count("policy-console view") == 2, names
        for view in page.locator(".policy-console").all():
            line = view.locator(".pc-row", has_text="staging-security-policy").first
            expect(line).to_contain_text("warnings", timeout=LIMIT)  # so many at once
            last = view.locator(".pc-event", has_text="→ 2000").first
            expect(last).to_be_attached(timeout=LIMIT)

        threads.unlink()
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        expect(page.locator(".pc-problem").first).to_contain_text(
            "no connection to the kernel", timeout=LIMIT
        )
        run_all(page)
        eventually_blocking(threads.exists, BUSY)
        row(page, "live")
        change(production(server.root), '"TLSv1.3"', '"TLSv1.0"')
        row(page, "refused")
        page.close()


def test_closing_leaves_the_last_picture_and_no_thread(tmp_path: Path) -> None:
    asked: list[str] = []
    with serving("lab", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        server.write("close.ipynb", CONSOLE, CLOSE, THREADS)
        page = opened(browser, server.url("lab/tree/close.ipynb"), asked)
        run_all(page)
        eventually_blocking((server.root / "threads").exists, BUSY)
        eventually_blocking(lambda: not cells_running(page), BUSY)
        assert (server.root / "threads").read_text() == ""
        expect(page.locator(".pc-watch").first).to_contain_text("stopped", timeout=LIMIT)
        row(page, "live")
        page.close()


def test_the_view_lives_in_notebook_7(tmp_path: Path) -> None:
    asked: list[str] = []
    with serving("notebook", tmp_path) as server, browsing() as browser:
        shutil.copytree(SAMPLES, server.root / "policies")
        server.write("live.ipynb", CONSOLE)
        page = opened(browser, server.url("notebooks/live.ipynb"), asked)
        run_all(page)
        row(page, "live")
        change(production(server.root), '"TLSv1.3"', '"TLSv1.0"')
        row(page, "refused")
        page.screenshot(path=artefacts(tmp_path) / "notebook7.png")
        page.close()
    hosts = {url.partition("://")[2].partition("/")[0] for url in asked if url.startswith("http")}
    assert hosts == {f"127.0.0.1:{server.port}"}
