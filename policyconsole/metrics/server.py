"""MetricsServer: answers scrapes over HTTP until it is stopped."""

import logging
import selectors
import socket
from contextlib import suppress
from socketserver import ThreadingMixIn
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

_TICK = 1.0
"""Seconds between two looks at how long clients have been there, while there are any."""

_LOG = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for which a client may send or take nothing."""

LONGEST = 10.0
"""Seconds after which a client is cut off, however busy it is: the time that Prometheus waits."""

MOST_CLIENTS = 16
"""How many clients are answered at once; who comes then is turned away."""


class MetricsServer:
    """Serves a registry on an address and a port: at any path, as text or as OpenMetrics."""

    def __init__(self, address: str, port: int, registry: CollectorRegistry) -> None:
        """Listen; ``port`` 0 takes one that is free. Raises OSError where that cannot be."""
        try:
            family, _, _, _, place = socket.getaddrinfo(
                address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except UnicodeError as problem:
            raise OSError(f"no address: {problem}") from problem
        self._server = _Server(family, (str(place[0]), port))
        self._server.set_app(make_wsgi_app(registry))
        self._thread = Thread(target=self._server.serve, name="policy-console metrics", daemon=True)

    @property
    def url(self) -> str:
        """Where the metrics are."""
        host, port = self._server.server_address[:2]
        return f"http://{f'[{host!s}]' if ':' in str(host) else host!s}:{port}/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, with every thread; clients that are being answered are cut off."""
        self._server.end()
        self._thread.join()
        self._server.server_close()


class _Handler(WSGIRequestHandler):
    """Answers one request and writes no log."""

    timeout = PATIENCE

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each client; it knows them, so that none outlives it."""

    daemon_threads = False  # those are waited for by server_close
    timeout = 0  # seconds that handle_request waits for a client that has gone again

    def __init__(self, family: socket.AddressFamily, place: tuple[str, int]) -> None:
        self.address_family = family
        self._clients: dict[Any, float] = {}  # when each came
        self._places = BoundedSemaphore(MOST_CLIENTS)
        self._ended, self._end = socket.socketpair()
        super().__init__(place, _Handler)

    def serve(self) -> None:
        """Answer clients until :meth:`end`."""
        with selectors.DefaultSelector() as ready:
            ready.register(self.socket, selectors.EVENT_READ)
            ready.register(self._ended, selectors.EVENT_READ)
            while True:
                arrived = ready.select(_TICK if self._clients else None)
                if any(key.fileobj is self._ended for key, _ in arrived):
                    self._cut_off(monotonic())  # here, where clients come: nobody comes after it
                    return
                self._cut_off(monotonic() - LONGEST)
                if arrived:
                    self.handle_request()

    def end(self) -> None:
        """Answer nobody any more, and cut off who is being answered."""
        self._end.send(b"\0")

    def _cut_off(self, latest: float) -> None:
        """Cut off who came then or before: a byte now and then must not keep a place for ever."""
        for client, came in self._clients.copy().items():
            if came <= latest:
                with suppress(OSError):  # it has gone
                    client.shutdown(socket.SHUT_RDWR)

    def server_bind(self) -> None:
        """Bind, without asking a resolver for the name of the host as the base does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def server_close(self) -> None:
        """Wait until all clients have gone; also called where the place cannot be had."""
        super().server_close()
        self._ended.close()
        self._end.close()

    def verify_request(self, *_: object) -> bool:
        """Whether there is a place for another client."""
        return self._places.acquire(blocking=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a client on a thread of its own."""
        self._clients[request] = monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Let a client go."""
        if self._clients.pop(request, None) is not None:
            self._places.release()
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """Note what went wrong with a client, which has mostly just gone."""
        _LOG.debug("a scrape failed", exc_info=True)
