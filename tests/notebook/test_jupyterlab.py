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
    kernel_status,
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
        eventually_blocking(lambda: kernel_status(page) == "busy", BUSY)
        saved = change(production(server.root), '"TLSv1.3"', '"TLSv1.0"')
        row(page, "refused")
        took = (time.perf_counter() - saved) * 1000
        expect(page.locator(".pc-finding", has_text="SEC003").first).to_be_visible(timeout=LIMIT)
        expect(page.locator(".pc-event", has_text="rejected").first).to_be_visible(timeout=LIMIT)
        assert kernel_status(page) == "busy"
        (kept / "jupyterlab.json").write_text(json.dumps({"save_to_page_ms": round(took)}))
        page.screenshot(path=kept / "jupyterlab-light.png")

        (server.root / "wake").touch()
        eventually_blocking(lambda: kernel_status(page) == "idle", BUSY)
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
