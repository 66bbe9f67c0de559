from pathlib import Path

import pytest

from policyconsole.diagnostics import Place
from policyconsole.loading.formats import DecodeError, Format, decode, encode, format_of

from .sources import SOURCES


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.toml", Format.TOML),
        ("a.yaml", Format.YAML),
        ("a.yml", Format.YAML),
        ("a.json", Format.JSON),
        ("A.TOML", Format.TOML),
        ("folder.toml/a.Yml", Format.YAML),
        ("a.b.json", Format.JSON),
        ("a.toml.bak", None),
        ("toml", None),
        ("a.ini", None),
    ],
)
def test_the_suffix_tells_the_format(name: str, form: Format | None) -> None:
    assert format_of(name) is form
    assert format_of(Path(name)) is form


@pytest.mark.parametrize("form", Format)
def test_each_format_gives_the_same_data(form: Format) -> None:
    assert decode(SOURCES[form], form) == {
        "id": "a-policy",
        "name": "A policy",
        "version": "1.0.0",
    }


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t"])
def test_white_space_is_an_empty_file(form: Format, text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text, form)
    assert caught.value.diagnostic.code == "FILE004"
    assert caught.value.diagnostic.place is None


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.TOML, "# a comment\n"),
        (Format.YAML, "# a comment\n"),
        (Format.YAML, "---\n# a comment\n"),
        (Format.YAML, "---\n...\n"),
    ],
)
def test_comments_alone_are_an_empty_file(form: Format, text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text, form)
    assert caught.value.diagnostic.code == "FILE004"


@pytest.mark.parametrize("form", Format)
def test_a_nul_byte_has_its_place(form: Format) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(SOURCES[form] + "\n\0", form)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "PARSE001"
    assert diagnostic.place is not None
    assert (diagnostic.place.line, diagnostic.place.column) == (5, 1)


@pytest.mark.parametrize(
    ("form", "text", "got"),
    [
        (Format.YAML, "# a comment\n- a\n", "a list"),
        (Format.YAML, "only text\n", 'text ("only text")'),
        (Format.YAML, "~\n", "null"),
        (Format.YAML, '""\n', 'text ("")'),
        (Format.JSON, "[]", "a list"),
        (Format.JSON, "null", "null"),
        (Format.JSON, "3", "a whole number (3)"),
    ],
)
def test_the_top_must_be_a_table(form: Format, text: str, got: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text, form)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "TYPE001"
    assert diagnostic.place == Place(1, 1, 1, 1)
    assert diagnostic.message.endswith(f"got {got}")


@pytest.mark.parametrize("form", Format)
def test_what_is_encoded_ends_its_last_line(form: Format) -> None:
    assert encode({"id": "本番"}, form).endswith("\n")
    assert "本番" in encode({"id": "本番"}, form)
