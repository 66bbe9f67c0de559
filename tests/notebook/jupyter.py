"""A real Jupyter server on loopback with settings of its own, and a real browser on it."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import nbformat
from playwright.sync_api import Browser, Page, sync_playwright

from tests.waiting import eventually_blocking

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "needs Debian's chromium: apt-get install chromium"
BUSY = 60.0
"""Seconds that a browser with a kernel beside it may take on a busy machine."""

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
)


class Server:
    """A running server, and the folder that it shows."""

    def __init__(self, root: Path, port: int, token: str) -> None:
        self.root, self.port, self.token = root, port, token

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def write(self, name: str, *cells: str) -> None:
        """Write a notebook of these code cells."""
        notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]  # nbformat has no types
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        for cell in cells:
            notebook.cells.append(nbformat.v4.new_code_cell(cell))  # type: ignore[no-untyped-call]  # likewise
        nbformat.write(notebook, self.root / name)  # type: ignore[no-untyped-call]  # likewise


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(program: str, folder: Path) -> Iterator[Server]:
    """Run ``jupyter lab`` or ``jupyter notebook`` on a folder of its own; all that it started ends with it."""
    root, home = folder / "root", folder / "home"
    root.mkdir()
    home.mkdir()
    token, port = secrets.token_hex(16), _free_port()
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    environment = os.environ | {name: str(home / name.lower()) for name in places}
    for name in places:
        (home / name.lower()).mkdir()
    # No question about news, which would be asked of another host.
    settings = home / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab"
    (settings / "apputils-extension").mkdir(parents=True)
    (settings / "apputils-extension" / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8"
    )
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyter", program, "--no-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}",
            "--expose-app-in-browser", "--LabApp.news_url=", "--LabApp.extension_manager=readonly",
        ],
        env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    server = Server(root, port, token)

    def answers() -> bool:
        assert process.poll() is None, (folder / "server.log").read_text(errors="replace")
        try:
            with urlopen(server.url("api/status"), timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    try:
        eventually_blocking(answers, BUSY)
        yield server
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, ending)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                continue
            break
        log.close()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, url: str, asked: list[str]) -> Page:
    """Open a page; every host that it asks of is noted in ``asked``."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(BUSY * 1000)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    return page


def run_all(page: Page) -> None:
    """Run every cell when the kernel is there; gives back before they have ended."""
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def cells_running(page: Page) -> int:
    """Give how many cells run, or wait for their turn.

    The kernel's own status does not tell: a message of a widget, answered on another
    thread while a cell runs, says idle at its end.
    """
    return int(
        page.evaluate(
            """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
                .filter((cell) => cell.executionState === "running").length"""
        )
    )
