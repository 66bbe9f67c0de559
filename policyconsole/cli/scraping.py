"""``watch --metrics-port``: the engine's figures over HTTP, for as long as the command runs."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from prometheus_client import CollectorRegistry, ProcessCollector

from policyconsole.cli.arguments import METRICS_ADDRESS
from policyconsole.cli.streams import tell
from policyconsole.events import Subscription
from policyconsole.hosting import EngineThread
from policyconsole.metrics.collector import EngineCollector
from policyconsole.metrics.server import MetricsServer


@contextmanager
def scraped(
    engine: EngineThread, options: argparse.Namespace, queues: Mapping[str, Subscription]
) -> Iterator[None]:
    """Serve the figures of an engine that has not started yet.

    Raises OSError where the port of ``options`` cannot be had.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    with closing(EngineCollector(engine, queues)) as collector:
        registry.register(collector)
        address = options.metrics_address or METRICS_ADDRESS
        with MetricsServer(address, options.metrics_port, registry) as server:
            if options.metrics_port == 0:
                tell(f"metrics at {server.url}")
            yield
