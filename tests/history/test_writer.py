"""What the engine waits for is done in steps that are short, however much there is."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from policyconsole.history.housekeeping import Retention
from policyconsole.history.records import NewRevision, RefusedContent
from policyconsole.history.store import HistoryStore
from policyconsole.history.writer import SLICE, SLICE_BYTES, HistoryWriter
from tests.history.test_store import NOW, new
from tests.waiting import eventually

LARGE = bytes(SLICE_BYTES // 2)


@pytest.mark.parametrize(
    ("contents", "steps"),
    [
        ([], []),
        ([b""], [1]),
        ([b""] * (2 * SLICE + 1), [SLICE, SLICE, 1]),
        ([LARGE] * 5, [2, 2, 1]),
        ([b"", LARGE * 3, b"", LARGE, LARGE], [1, 1, 3]),
    ],
)
async def test_what_comes_into_force_is_kept_in_steps_of_few_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: list[bytes], steps: list[int]
) -> None:
    seen, record = [], HistoryStore.record

    def noting(
        store: HistoryStore, entries: Sequence[NewRevision], known: dict[str, int]
    ) -> object:
        seen.append(len(entries))
        return record(store, entries, known)

    monkeypatch.setattr(HistoryStore, "record", noting)
    writer = HistoryWriter(tmp_path / "history.sqlite3", Retention())
    await writer.begin(HistoryStore.numbers)
    entries = [new(content, f"p{number}") for number, content in enumerate(contents)]
    assert len(await writer.keep(entries, [], {})) == len(contents)
    await writer.end()
    assert seen == steps


async def test_refusals_are_kept_in_steps_of_few_bytes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, refuse = [], HistoryStore.refuse

    def noting(store: HistoryStore, entries: Sequence[RefusedContent]) -> None:
        seen.append(sum(len(entry.content or b"") for entry in entries))
        refuse(store, entries)

    monkeypatch.setattr(HistoryStore, "refuse", noting)
    writer = HistoryWriter(tmp_path / "history.sqlite3", Retention())
    await writer.begin(HistoryStore.numbers)
    writer.refuse([RefusedContent(f"{n}", None, f"{n}", NOW, LARGE) for n in range(10)])
    await eventually(lambda: sum(seen) == 10 * len(LARGE))
    await writer.end()
    assert max(seen) <= 2 * SLICE_BYTES
    with HistoryStore.open(writer.path) as store:
        assert len(store.refusals()) == 10
