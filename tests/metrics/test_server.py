"""The server that is scraped: real HTTP on loopback."""

import gzip
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter

import policyconsole.metrics.server as server_module
from policyconsole.metrics.server import MOST_CLIENTS, PATIENCE, MetricsServer
from tests.metrics.scraping import OPENMETRICS, scraped
from tests.waiting import eventually_blocking


@pytest.fixture
def registry() -> CollectorRegistry:
    made = CollectorRegistry()
    Counter("seen", "What was seen.", registry=made).inc(3)
    return made


@pytest.fixture
def server(registry: CollectorRegistry) -> Iterator[MetricsServer]:
    with MetricsServer("127.0.0.1", 0, registry) as made:
        yield made


def place(server: MetricsServer) -> tuple[str, int]:
    host, _, port = server.url.removeprefix("http://").removesuffix("/metrics").rpartition(":")
    return host, int(port)


def open_files() -> int:
    """How many files and sockets this process has; 0 where the system does not say."""
    where = Path("/proc/self/fd")
    return len(list(where.iterdir())) if where.exists() else 0


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


@pytest.mark.parametrize("accept", ["text/plain", OPENMETRICS])
def test_both_forms_are_served(server: MetricsServer, accept: str) -> None:
    assert scraped(server.url, accept).value("seen_total") == 3


def test_a_scraper_that_can_unpack_gets_it_packed(server: MetricsServer) -> None:
    client = http.client.HTTPConnection(*place(server), timeout=20)
    client.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
    answer = client.getresponse()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"seen_total 3.0" in gzip.decompress(answer.read())
    client.close()


@pytest.mark.parametrize("sent", [b"POST /metrics HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\r\n\r\n"])
def test_what_is_no_scrape_is_answered_and_said_nowhere(
    server: MetricsServer, sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(place(server), 20) as client:
        client.sendall(sent)
        assert b" 40" in client.recv(4096)
    assert scraped(server.url).value("seen_total") == 3
    assert capfd.readouterr() == ("", "")


def test_clients_that_say_nothing_keep_nobody_waiting_and_end_with_the_server(
    registry: CollectorRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(server_module._Handler, "timeout", 1000.0)
    before = threads()
    with ExitStack() as stack:
        with MetricsServer("127.0.0.1", 0, registry) as server:
            where = place(server)
            silent = [
                stack.enter_context(socket.create_connection(where, 20))
                for _ in range(MOST_CLIENTS - 1)
            ]
            eventually_blocking(lambda: len(threads() - before) == MOST_CLIENTS)
            assert scraped(server.url).value("seen_total") == 3
            eventually_blocking(lambda: len(threads() - before) == MOST_CLIENTS)
            stack.enter_context(socket.create_connection(where, 20))
            eventually_blocking(lambda: len(threads() - before) == MOST_CLIENTS + 1)
            with socket.create_connection(where, 20) as one_too_many:
                assert one_too_many.recv(1) == b""
            silent.pop().close()
            eventually_blocking(lambda: len(threads() - before) == MOST_CLIENTS)
            assert scraped(server.url).value("seen_total") == 3
        assert threads() == before
        assert [client.recv(1) for client in silent] == [b""] * len(silent)
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset
            socket.create_connection(where, 20)
    assert capfd.readouterr() == ("", "")


def test_a_client_is_waited_for_only_so_long(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert server_module._Handler.timeout == PATIENCE
    monkeypatch.setattr(server_module._Handler, "timeout", 0.05)
    with socket.create_connection(place(server), 20) as silent:
        assert silent.recv(1) == b""
    assert capfd.readouterr() == ("", "")


def test_a_client_that_sends_a_byte_now_and_then_keeps_its_place_only_so_long(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_TICK", 0.02)
    monkeypatch.setattr(server_module, "LONGEST", 0.2)
    with socket.create_connection(place(server), 0.01) as trickling:

        def cut_off() -> bool:
            try:
                trickling.sendall(b"G")
                return trickling.recv(1) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        eventually_blocking(cut_off)
        assert scraped(server.url).value("seen_total") == 3


def test_ipv6_has_its_place_in_brackets(registry: CollectorRegistry) -> None:
    try:
        server = MetricsServer("::1", 0, registry)
    except OSError as problem:
        pytest.skip(f"no IPv6 here: {problem}")
    with server:
        assert server.url.startswith("http://[::1]:")
        assert scraped(server.url).value("seen_total") == 3


def test_an_address_that_cannot_be_had_leaves_nothing_open(registry: CollectorRegistry) -> None:
    with MetricsServer("127.0.0.1", 0, registry) as server:
        _, port = place(server)
        before = open_files()
        for address, number in (("127.0.0.1", port), ("192.0.2.1", 0), ("a" * 64, 0)):
            with pytest.raises(OSError) as caught:  # noqa: PT011 - the system's words differ
                MetricsServer(address, number, registry)
            assert open_files() == before, caught  # which holds what the server had
