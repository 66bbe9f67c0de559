"""What the tests of watching share."""

import pytest


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the whole folder four times a second, where no event can tell: it saves waiting."""
    monkeypatch.setattr("policyconsole.watching.watcher.RECONCILE_EVERY", 0.25)
