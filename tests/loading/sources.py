"""Small policies in each format, and what loading says of a text."""

from policyconsole.diagnostics import Diagnostic, Place
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError, parse

TOML = 'id = "a-policy"\nname = "A policy"\nversion = "1.0.0"\n'
YAML = 'id: a-policy\nname: A policy\nversion: "1.0.0"\n'
JSON = '{"id": "a-policy",\n"name": "A policy",\n"version": "1.0.0"}\n'
SOURCES = {Format.TOML: TOML, Format.YAML: YAML, Format.JSON: JSON}


def load(text: str | bytes, form: Format) -> LoadedPolicy:
    return parse(text.encode() if isinstance(text, str) else text, form)


def refused(text: str | bytes, form: Format) -> tuple[Diagnostic, ...]:
    """What is said of a content that must be refused; empty if it was not."""
    try:
        load(text, form)
    except PolicyLoadError as problem:
        return problem.diagnostics
    return ()


def only(text: str | bytes, form: Format) -> Diagnostic:
    """The single finding for a content that must be refused."""
    diagnostics = refused(text, form)
    assert len(diagnostics) == 1, diagnostics
    return diagnostics[0]


def marked(text: str, place: Place | None) -> str:
    """The characters of ``text`` that a place covers."""
    assert place is not None
    lines = text.split("\n")[place.line - 1 : place.end_line]
    assert lines, place
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)
