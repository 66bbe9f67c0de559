"""Inputs made to exhaust the stack, the memory or the patience of whoever reads them."""

from collections.abc import Callable

import pytest

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import Format

from .sources import TOML, YAML, load, only, refused

MEGABYTE = 1024 * 1024
TEN = 10 * MEGABYTE


def _bomb(width: int = 9, height: int = 12, brackets: str = "[]") -> str:
    lines = [f"a0: &a0 {brackets[0]}x: 1{brackets[1]}"]
    for level in range(1, height):
        below = ", ".join([f"*a{level - 1}"] * width)
        value = f"[{below}]" if brackets == "[]" else f"{{<<: [{below}]}}"
        lines.append(f"a{level}: &a{level} {value}")
    return "\n".join(lines)


def _nested(height: int) -> str:
    """Aliases that make the nesting deep, though no line is."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, height)]
    return "\n".join(lines)


DEEP_YAML = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000 + "x",
    "questions": "?" + " ?" * 100_000,
    "colons": "".join(" " * level + "a:\n" for level in range(2000)),
    "items-at-the-keys-column": "".join(
        "  " * level + "a:\n" + "  " * level + "- \n" for level in range(40)
    ),
    "carriage-returns": "".join(" " * level + "a:\r" for level in range(2000)),
    "next-line": "".join(" " * level + "a:\x85" for level in range(2000)),
    "line-separators": "".join(" " * level + "a:\u2028" for level in range(2000)),
    "quoted": "".join(" " * level + '"a":\n' for level in range(2000)),
    "anchors": "".join(" " * level + f"&x{level} a:\n" for level in range(2000)),
    "aliases": _nested(100),
}


@pytest.mark.parametrize("name", DEEP_YAML)
def test_deep_yaml_never_reaches_the_parser_that_recurses(name: str) -> None:
    diagnostic = only(DEEP_YAML[name], Format.YAML)
    assert diagnostic.code == "PARSE003"
    assert diagnostic.place is not None


@pytest.mark.parametrize("levels", [30, 62])
def test_what_is_less_deep_is_read(levels: int) -> None:
    text = YAML + "custom:\n" + "".join(" " * level + "a:\n" for level in range(1, levels + 1))
    assert load(text, Format.YAML).config.custom


@pytest.mark.parametrize(
    "text",
    [
        _bomb(),
        _bomb(brackets="{}"),
        _bomb(2, 2000),
        "a: &a [*a]",
        "a: &a {b: *a}",
        "a: &a {<<: *a}",
        "a: &a {b: [&b {c: *a}]}",
        "x: &x [" + "a, " * 1000 + "]\ny: [" + "*x, " * 1000 + "]",
        "x: &x {" + ", ".join(f"k{n}" for n in range(1000)) + "}\ny: {<<: [" + "*x, " * 5000 + "]}",
    ],
    ids=["lists", "merges", "chain", "itself", "value", "merged", "deeper", "wide", "wide-merge"],
)
def test_alias_bombs_do_not_go_off(text: str) -> None:
    diagnostic = only(text, Format.YAML)
    assert diagnostic.code == "PARSE003"
    assert diagnostic.place is not None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a = [" + "1," * 20_001 + "]", Format.TOML),
        ('{"a": [' + "1," * 20_000 + "1]}", Format.JSON),
        ("a:\n" + "- a\n" * 20_001, Format.YAML),
    ],
    ids=["toml", "json", "yaml"],
)
def test_too_many_values(text: str, form: Format) -> None:
    diagnostic = only(text, form)
    assert diagnostic.code == "PARSE003"
    assert "20,000" in diagnostic.message
    assert diagnostic.place is not None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"{TOML}[custom]\n{'x' * 9_000} = [{'1,' * 500}]\n", Format.TOML),
        (f'{{"{"x" * 9_000}": [{"1," * 499}1]}}', Format.JSON),
        (f"? {'x' * 9_000}\n: [{'1,' * 500}]\n", Format.YAML),
        (f"x: &x {{{'x' * 900}: [{'1,' * 900}]}}\ny: [{'*x,' * 9}]\n", Format.YAML),
    ],
    ids=["toml", "json", "yaml", "aliases"],
)
def test_names_that_come_to_megabytes_once_written_out(text: str, form: Format) -> None:
    diagnostic = only(text, form)
    assert diagnostic.code == "PARSE003"
    assert "names" in diagnostic.message
    assert diagnostic.place is not None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (" = 1\n".join(["x" * 9_000] * 2) + " = 1\n", Format.TOML),
        (f'{{"{"x" * 9_000}": 1, "{"x" * 9_000}": 2}}', Format.JSON),
        (f"? {'x' * 9_000}\n: 1\n" * 2, Format.YAML),
    ],
    ids=[form.value for form in (Format.TOML, Format.JSON, Format.YAML)],
)
def test_a_long_key_is_named_by_its_beginning(text: str, form: Format) -> None:
    diagnostic = only(text, form)
    assert diagnostic.code == "PARSE002"
    assert diagnostic.field == "x" * 9_000
    assert len(diagnostic.message) < 100


def test_marks_are_counted_and_the_one_too_many_is_the_place() -> None:
    diagnostic = only('{"a":\n"' + "," * 500_000 + '"}', Format.JSON)
    assert diagnostic.code == "PARSE003"
    assert "marks" in diagnostic.message
    assert diagnostic.place == Place(2, 419_996, 2, 419_997)


HUGE: dict[str, tuple[Format, Callable[[], str]]] = {
    "toml-list": (Format.TOML, lambda: "a = [" + "1," * (TEN // 2) + "]"),
    "toml-tables": (Format.TOML, lambda: "[[a]]\n" * (TEN // 6)),
    "toml-brackets": (Format.TOML, lambda: "a = " + "[" * TEN),
    "toml-dots": (Format.TOML, lambda: "a." * (TEN // 2) + "a = 1"),
    "toml-quotes": (Format.TOML, lambda: '"' * TEN),
    "json-list": (Format.JSON, lambda: '{"a": [' + "1," * (TEN // 2) + "1]}"),
    "json-lists": (Format.JSON, lambda: "[" * TEN),
    "json-text": (Format.JSON, lambda: '{"a": "' + "x" * TEN),
    "json-backslashes": (Format.JSON, lambda: '{"a": "\\ud800' + "\\\\" * (TEN // 2) + '"}'),
    "json-digits": (Format.JSON, lambda: '{"a": ' + "9" * TEN + "}"),
    "json-twice": (Format.JSON, lambda: '{"a": "' + "[" * TEN + '", "a": 1}'),
    "yaml-list": (Format.YAML, lambda: "- a\n" * (TEN // 4)),
    "yaml-flow": (Format.YAML, lambda: "[" + "a," * (TEN // 2) + "]"),
    "yaml-pairs": (Format.YAML, lambda: "{" + "a," * (TEN // 2) + "}"),
    "yaml-brackets": (Format.YAML, lambda: "[" * TEN),
    "yaml-digits": (Format.YAML, lambda: "a: " + "9" * TEN),
    "yaml-base-60": (Format.YAML, lambda: "a: 1" + ":1" * (TEN // 2)),
    "yaml-anchors": (
        Format.YAML,
        lambda: "a: [" + "".join(f"&a{n} x," for n in range(400_000)) + "]",
    ),
    "yaml-directives": (Format.YAML, lambda: "".join(f"%TAG !a{n}! x\n" for n in range(500_000))),
    "yaml-quotes": (Format.YAML, lambda: "'" * TEN),
}


@pytest.mark.parametrize("name", HUGE)
def test_ten_megabytes_are_refused(name: str) -> None:
    form, text = HUGE[name]
    diagnostics = refused(text(), form)
    assert diagnostics
    assert all(item.place is not None for item in diagnostics)


@pytest.mark.parametrize("form", Format)
def test_thousands_of_findings_are_counted_not_listed(form: Format) -> None:
    names = [f"x{number}" for number in range(6_000)]
    match form:
        case Format.TOML:
            text = 'id = "a"\nname = "b"\nversion = "1"\n' + "".join(f"{n} = 1\n" for n in names)
            text += "security.tls.cipher_suites = [" + "1," * 6_000 + "]"
        case Format.YAML:
            text = YAML + "".join(f"{n}: 1\n" for n in names)
            text += "security: {tls: {cipher_suites: [" + "1," * 6_000 + "]}}"
        case Format.JSON:
            text = '{"id": "a", "name": "b", "version": "1",'
            text += "".join(f'"{n}": 1, ' for n in names)
            text += '"security": {"tls": {"cipher_suites": [' + "1," * 6_000 + "1]}}}"
    diagnostics = refused(text, form)
    assert 200 <= len(diagnostics) <= 202
    counts = [item.message for item in diagnostics if item.place is None]
    assert any("more fields are not known" in message for message in counts)
    assert any("more values are wrong" in message for message in counts)
