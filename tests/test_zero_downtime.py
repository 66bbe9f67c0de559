"""A policy's file is rewritten two hundred times while a service is busy: nobody notices."""

from collections import Counter
from pathlib import Path

import pytest

from tests.asgi.traffic import run


@pytest.mark.slow
def test_no_request_fails_because_of_a_reload(folder: Path) -> None:
    traffic = run(folder, seconds=10, connections=32, rewrites=200)
    assert len(traffic.written) == 201
    assert traffic.broken == []
    assert traffic.unfitting() == []
    statuses = Counter(seen.status for seen in traffic.seen)
    assert statuses.keys() == {200, 403, 413}
    assert sum(statuses.values()) > 1000
    named = {seen.rate for seen in traffic.seen if seen.status == 200}
    assert len(named) > 40, "the policies came into force, one after the other"
