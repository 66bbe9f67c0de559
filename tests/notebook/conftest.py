"""Pages for live views: where there is no kernel, their comms are recorded."""

from collections.abc import Iterator

import comm
import pytest

from tests.notebook.scripted import Page, RecordingComm


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Page]]:
    """The page of every live view that the test makes, by the widget's model id."""
    recorded: dict[str, Page] = {}
    monkeypatch.setattr(RecordingComm, "pages", recorded, raising=False)
    monkeypatch.setattr(RecordingComm, "fault", staticmethod(lambda: None), raising=False)
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    yield recorded
    recorded.clear()
