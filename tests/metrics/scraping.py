"""Metrics as a scraper has them: parsed by prometheus-client's own parsers."""

import re
from collections.abc import Iterable
from urllib.request import Request, urlopen

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scrape:
    """One answer, as families by name and samples by what they measure."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = {family.name: family for family in families}

    def value(self, name: str, **labels: str) -> float:
        """The one sample of a name with exactly these labels."""
        (found,) = (
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if (sample.name, sample.labels) == (name, labels)
        )
        return found

    def labels(self, name: str) -> list[dict[str, str]]:
        """The labels of all samples of a name."""
        return [
            sample.labels
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name
        ]


def scraped(url: str, accept: str = "text/plain") -> Scrape:
    """Ask a server, as Prometheus does."""
    with urlopen(Request(url, headers={"Accept": accept}), timeout=20) as answer:
        text = answer.read().decode()
        openmetrics = answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert openmetrics == accept.startswith("application/openmetrics-text")
    return Scrape((parse_openmetrics if openmetrics else parse_text)(text))


def collected(registry: CollectorRegistry) -> Scrape:
    """Ask a registry, in both forms, which must agree on how many samples there are."""
    text = Scrape(parse_text(generate_latest(registry).decode()))
    written = exposition.generate_latest(registry).decode()  # type: ignore[no-untyped-call] # has no types
    openmetrics = Scrape(parse_openmetrics(written))  # type: ignore[no-untyped-call] # has no types
    count = sum(len(family.samples) for family in text.families.values())
    assert count == sum(len(family.samples) for family in openmetrics.families.values())
    return text


_ABBREVIATED = re.compile(r"(?:^|_)(?:ms|sec|secs|s|us|ns|milliseconds|kb|mb|min)(?:_|$)")
_TYPES = re.compile(r"(?:^|_)(?:counter|gauge|histogram|summary)(?:_|$)")


def lint(scrape: Scrape) -> list[str]:
    """What promtool check metrics would mind of our own: its rules, by the names of its problems."""
    problems = []
    for name, family in scrape.families.items():
        if not name.startswith("policy_console_"):
            continue
        samples = {sample.name for sample in family.samples}
        labels = {label for sample in family.samples for label in sample.labels}
        if not family.documentation:
            problems.append(f"{name}: no help text")
        if family.type == "counter" and not all(sample.endswith("_total") for sample in samples):
            problems.append(f'{name}: counter metrics should have "_total" suffix')
        if family.type != "counter" and name.endswith("_total"):
            problems.append(f'{name}: non-counter metrics should not have "_total" suffix')
        if family.type != "histogram" and name.endswith(("_bucket", "_count", "_sum")):
            problems.append(f"{name}: a suffix that is reserved for histograms")
        if family.type != "histogram" and "le" in labels:
            problems.append(f'{name}: non-histogram metrics should not have "le" label')
        if any(not re.fullmatch("[a-z_]+", text) for text in (name, *labels)):
            problems.append(f"{name}: names should be in snake_case")
        if _ABBREVIATED.search(name):
            problems.append(f"{name}: names should use base units, written out")
        if _TYPES.search(name):
            problems.append(f"{name}: names should not include the type")
        if any(label.startswith(name) for label in labels):
            problems.append(f"{name}: labels should not repeat the name")
    return problems
