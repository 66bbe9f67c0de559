"""``watch --metrics-port`` as a real process, scraped over HTTP."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from tests import policies
from tests.cli.processes import Watching, run
from tests.metrics.scraping import OPENMETRICS, lint, scraped
from tests.waiting import eventually_blocking


@contextmanager
def taken_port() -> Iterator[int]:
    """A port of 127.0.0.1 that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with taken_port() as port:
        return port


def told_url(watching: Watching) -> str:
    assert watching.process.stderr is not None
    line = watching.process.stderr.readline().decode()
    assert line.startswith("policy-console: metrics at http://127.0.0.1:")
    return line.split()[-1]


def test_an_edit_shows_in_the_next_scrape(folder: Path, tmp_path: Path) -> None:
    file = folder / "security.toml"
    file.write_text(policies.toml())
    log = tmp_path / "log"
    options = ("--metrics-port", "0", "--log-file", str(log))
    with Watching(folder, "--level", "strict", *options) as watching:
        url = told_url(watching)
        watching.until("started")
        file.write_text(policies.toml(log_level="warn"))
        applied = watching.event()
        file.write_text(policies.REFUSED_AT_STRICT)
        assert watching.event()["type"] == "rejected"
        reloads = "policy_console_reloads_total"
        eventually_blocking(lambda: scraped(url).value(reloads, outcome="rejected") == 1)
        scrape = scraped(url, OPENMETRICS)
        assert len(scrape.families) == len(scraped(url).families)
        assert scrape.value(reloads, outcome="applied") == 2
        assert scrape.value("policy_console_last_reload_successful") == 0
        assert scrape.value("policy_console_files_refused") == 1
        assert scrape.value("policy_console_policies_in_force") == 1
        assert scrape.value("policy_console_watch_state", state="watching") == 1
        total = "policy_console_stage_duration_seconds_sum"
        told = applied["latency_ms"]["total"] / 1000
        assert scrape.value(total, stage="total") == pytest.approx(told, abs=2e-6)
        queues = [labels["queue"] for labels in scrape.labels("policy_console_queue_events")]
        assert queues == ["output", "log"]
        assert scrape.value("process_resident_memory_bytes") > 1e6
        assert lint(scraped(url)) == []
        assert watching.end() == 0
        assert watching.errors() == ""
        with pytest.raises(URLError):
            scraped(url)


def test_a_client_that_says_nothing_keeps_nothing_from_ending(folder: Path) -> None:
    port = free_port()
    with Watching(folder, "--metrics-port", str(port)) as watching:
        watching.until("started")
        with socket.create_connection(("127.0.0.1", port), 20) as silent:
            assert scraped(f"http://127.0.0.1:{port}/metrics").families
            assert watching.end() == 0
            assert silent.recv(1) == b""
        assert watching.errors() == "", "a port that was asked for is not told"


def test_a_port_or_an_address_that_cannot_be_had_is_one_line(folder: Path) -> None:
    with taken_port() as port:
        result = run("watch", "--metrics-port", str(port), folder)
        assert result.returncode == 2
        assert result.stdout == b""
        assert result.stderr.decode() == (
            f"policy-console: cannot serve metrics on 127.0.0.1 port {port}:"
            " Address already in use\n"
        )
    # 192.0.2.0/24 is nobody's (RFC 5737)
    result = run("watch", "--metrics-port", "0", "--metrics-address", "192.0.2.1", folder)
    assert result.returncode == 2
    assert result.stderr.decode() == (
        "policy-console: cannot serve metrics on 192.0.2.1 port 0: Cannot assign requested address\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metrics-port", "65536"], "'65536' is no port: 0 to 65535"),
        (["--metrics-port", "http"], "'http' is no port: 0 to 65535"),
        (["--metrics-address", "127.0.0.1"], "--metrics-address needs --metrics-port"),
    ],
)
def test_what_is_no_port_is_wrong_usage(folder: Path, options: list[str], message: str) -> None:
    result = run("watch", *options, folder)
    assert result.returncode == 2
    assert message in result.stderr.decode()
