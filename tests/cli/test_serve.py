"""``policy-console serve``: who may come in, and the app in a real browser."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, sync_playwright

from tests.waiting import eventually_blocking

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SAMPLES = Path(__file__).parents[2] / "sample_policies"
TOKEN = "a-token-of-our-own-for-tests"


class Served:
    """A server, and what it said."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url
        found = re.search(r":(\d+)/", url)
        assert found is not None
        self.port = int(found[1])

    def get(self, path: str = "/", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Connection": "close", **headers})
        return connection.getresponse()

    def upgrade(self, **headers: str) -> int:
        asked = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/ws", headers=asked | headers)
        with connection.getresponse() as response:
            connection.close()
            return response.status

    def apps(self) -> list[int]:
        """The processes that it has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in children.read_text().split()]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "policyconsole", "serve", str(folder), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "the page is at " in line, line
        yield Served(process, line.split("the page is at ")[1].strip())
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(SAMPLES, copy)
    return copy


def test_only_a_page_of_this_server_may_drive_the_app(folder: Path) -> None:
    with serving(folder) as served:
        assert served.get().status == 200
        assert served.get(Host="evil.example").status == 403
        own = f"127.0.0.1:{served.port}"
        for stranger in ("http://evil.example", f"http://127.0.0.1:{served.port + 1}", "null"):
            assert served.upgrade(Host=own, Origin=stranger) == 403
        assert served.upgrade(Host=own) == 403
        assert served.upgrade(Host=own, Origin=f"http://{own}") == 101


def test_the_page_asks_nothing_of_other_hosts(folder: Path) -> None:
    with serving(folder) as served:
        response = served.get()
        page = response.read().decode()
        assert "//" not in page.replace("<!doctype html>", "")
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        hosts = set(re.findall(r"(?:https?|wss?)://[^\s;]+", policy))
        own = f"127.0.0.1:{served.port}"
        assert hosts == {f"ws://{own}", f"wss://{own}"}


def test_with_a_token_nothing_opens_without_it(folder: Path) -> None:
    with serving(folder, "--token", TOKEN) as served:
        own = f"http://127.0.0.1:{served.port}"
        for path in ("/", "/static/js/textual.js", "/page/page.css", "/nowhere", "/?token=wrong"):
            assert served.get(path).status == 403, path
        assert served.upgrade(Origin=own) == 403
        opened = served.get(f"/?token={TOKEN}")
        assert opened.status == 200
        cookie = opened.headers["Set-Cookie"]
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        kept = cookie.partition(";")[0]
        assert served.get("/static/js/textual.js", Cookie=kept).status == 200
        assert served.upgrade(Origin=own, Cookie=kept) == 101
        assert served.upgrade(Origin=own, Cookie=kept[:-1]) == 403


def test_another_address_makes_a_token(folder: Path) -> None:
    with serving(folder, "--host", "0.0.0.0") as served:
        assert re.search(r"\?token=[\w-]{40,}$", served.url)
        assert served.get().status == 403
        assert served.get("/?" + served.url.partition("?")[2]).status == 200


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--token", "short"], "a token has at least 16 letters"),
        (["--host", "256.1.1.1"], "cannot serve on 256.1.1.1"),
        (["--token", "@/nowhere/at/all"], "cannot read the token from /nowhere/at/all"),
    ],
)
def test_what_cannot_be_served_is_said(folder: Path, options: list[str], words: str) -> None:
    command = [sys.executable, "-m", "policyconsole", "serve", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said(folder: Path) -> None:
    with serving(folder) as served:
        command = [sys.executable, "-m", "policyconsole", "serve", str(folder), "--port"]
        done = subprocess.run(
            [*command, str(served.port)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert "in use" in done.stderr


class Drawn:
    """What the server has sent a page to draw."""

    def __init__(self, page: Page) -> None:
        self.text = ""
        page.on("websocket", self._follow)

    def _follow(self, websocket: WebSocket) -> None:
        websocket.on("framereceived", self._take)

    def _take(self, payload: str | bytes) -> None:
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else payload
        self.text += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium")
def test_a_browser_sees_a_policy_become_refused(folder: Path, tmp_path: Path) -> None:
    artefacts = Path(os.environ.get("TEST_ARTEFACTS", tmp_path))
    artefacts.mkdir(parents=True, exist_ok=True)
    with serving(folder, "--level", "strict") as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        drawn = Drawn(page)

        def shows(words: str) -> None:
            def seen() -> bool:
                page.wait_for_timeout(50)  # lets playwright hand over what has arrived
                return words in drawn.text

            eventually_blocking(seen, 20)

        page.goto(served.url)
        shows("in force")
        shows("production-security-policy"[:10])
        before = page.screenshot(path=artefacts / "served.png")
        assert len(served.apps()) == 1

        drawn.text = ""
        production = folder / "production.toml"
        text = production.read_text(encoding="utf-8")
        assert 'min_version = "TLSv1.3"' in text
        production.write_text(text.replace('"TLSv1.3"', '"TLSv1.0"'), encoding="utf-8")
        shows("refused")
        shows("SEC003")
        after = page.screenshot(path=artefacts / "served-refused.png")
        assert after != before

        drawn.text = ""
        page.keyboard.press("?")
        shows("Help")
        assert {
            url.partition("://")[2].partition("/")[0] for url in asked if "data:" not in url
        } == {f"127.0.0.1:{served.port}"}
        page.close()
        eventually_blocking(lambda: not served.apps(), 20)
        browser.close()
