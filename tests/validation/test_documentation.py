"""docs/rules.md says what the catalogue says."""

from pathlib import Path

import pytest

from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.rule import Rule

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"


def documented() -> dict[str, str]:
    """The rows of the document's tables by code."""
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {row.split("`")[1]: row for row in rows}


def row(entry: Rule) -> str:
    """The row that the document has to have for ``entry``."""
    explanation = entry.explanation
    cells = [
        f"`{entry.code}`",
        " ".join(filter(None, [entry.kind.value, entry.weight])),
        f"`{entry.field}`" if entry.field else "",
        explanation.what,
        explanation.why,
        explanation.source,
    ]
    return "| " + " | ".join(cells) + " |"


def test_lists_every_code_in_order() -> None:
    assert list(documented()) == list(CATALOGUE)


@pytest.mark.parametrize("code", list(CATALOGUE))
def test_row(code: str) -> None:
    assert documented()[code] == row(CATALOGUE[code])
