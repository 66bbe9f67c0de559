"""Figures in the form of prometheus-client, which is loaded with this module and not before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from policyconsole.application.monitoring.meter import RequestMeter
from policyconsole.application.request import Refusal
from policyconsole.latency import Histogram

ALLOWED = "allowed"
"""What the label ``answer`` says of a request that was let through; else it is the refusal's code."""


def label(text: str) -> str:
    """Give a text from outside as the value of a label: what UTF-8 cannot say is escaped."""
    return text.encode(errors="backslashreplace").decode()


def answer(code: Refusal | None) -> str:
    """Give the value of the label ``answer``."""
    return ALLOWED if code is None else code.value


def add_histogram(
    family: HistogramMetricFamily, labels: Sequence[str], histogram: Histogram
) -> None:
    """Add a histogram to its family."""
    counts, total = histogram.read()
    names = [*map(floatToGoString, histogram.bounds), "+Inf"]
    family.add_metric(labels, list(zip(names, accumulate(counts), strict=True)), sum_value=total)


class ServiceCollector(Collector):
    """The requests of each policy that has its metrics on, for a registry of prometheus-client.

    ``meters`` gives what was measured, by the policy's id: those whose guard was asked.
    """

    def __init__(self, meters: Callable[[], Mapping[str, RequestMeter]]) -> None:
        self._meters = meters

    def describe(self) -> Iterable[Metric]:
        """Give the families without figures, so that registering measures nothing."""
        return self._families()

    def collect(self) -> Iterable[Metric]:
        """Give the figures of now."""
        requests, durations = self._families()
        for policy_id, meter in self._meters().items():
            policy = label(policy_id)
            for code, count in meter.answers().items():
                requests.add_metric([policy, answer(code)], count)
            add_histogram(durations, [policy], meter.durations)
        return requests, durations

    @staticmethod
    def _families() -> tuple[CounterMetricFamily, HistogramMetricFamily]:
        return (
            CounterMetricFamily(
                "policy_console_service_requests",
                "Requests by the policy that judged them and the guard's answer.",
                labels=["policy", "answer"],
            ),
            HistogramMetricFamily(
                "policy_console_service_check_duration_seconds",
                "How long the guard's checks took, of the share of requests that the policy samples.",
                labels=["policy"],
            ),
        )
