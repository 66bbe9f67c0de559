"""The files under tests/refused: each is judged as its comment says."""

from pathlib import Path

import pytest

from policyconsole.diagnostics import Diagnostic
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import PolicyLoadError, parse
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel

FOLDER = Path(__file__).parents[1] / "refused"

# The one code that is reported at Strict.
FILES = {
    "duplicate-key.json": "PARSE002",
    "id-missing.yaml": "TYPE003",
    "not-well-formed.json": "PARSE001",
    "tls-too-old.toml": "SEC003",
    "unknown-field.toml": "FIELD001",
    "wrong-type.yaml": "TYPE001",
}


def test_are_all_known_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)


@pytest.mark.parametrize(("name", "code"), FILES.items())
def test_is_judged_as_it_says(name: str, code: str) -> None:
    path = FOLDER / name
    form = format_of(path)
    assert form is not None
    found: tuple[Diagnostic, ...]
    try:
        loaded = parse(path.read_bytes(), form)
    except PolicyLoadError as problem:
        found = problem.diagnostics
    else:
        report = PolicyValidationEngine().validate(loaded.config, ValidationLevel.STRICT)
        found = (*loaded.diagnostics, *report.diagnostics)

    assert [diagnostic.code for diagnostic in found] == [code]
    assert [diagnostic.blocks for diagnostic in found] == [code != "FIELD001"]
