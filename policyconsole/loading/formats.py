"""The formats of policy files: text to plain data and back."""

from collections.abc import Mapping
from enum import StrEnum
from os import PathLike, fspath

from policyconsole.loading.decode_error import (
    TOP,
    DecodeError,
    empty,
    not_well_formed,
    wrong_type,
)
from policyconsole.loading.json_format import decode_json, encode_json
from policyconsole.loading.plain import EncodeError, plain
from policyconsole.loading.positions import place_at
from policyconsole.loading.toml_format import decode_toml, encode_toml
from policyconsole.loading.words import described

__all__ = [
    "TABLE_WORDS",
    "DecodeError",
    "EncodeError",
    "Format",
    "decode",
    "encode",
    "format_of",
    "written_values",
]


class Format(StrEnum):
    """A format that policy files are written in."""

    TOML = "toml"
    YAML = "yaml"
    JSON = "json"


TABLE_WORDS = {Format.TOML: "a table", Format.YAML: "a mapping", Format.JSON: "an object"}
"""What keys and values together are called."""

_MARK = "\ufeff"

_SUFFIXES = {
    ".toml": Format.TOML,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".json": Format.JSON,
}


def format_of(path: str | PathLike[str]) -> Format | None:
    """Tell the format by the suffix, in upper or lower case; None if it is no policy's."""
    name = fspath(path).lower()
    return next((form for suffix, form in _SUFFIXES.items() if name.endswith(suffix)), None)


def decode(text: str, format: Format) -> dict[str, object]:  # noqa: A002 - the word of the contracts
    """Decode the text of a policy file; a byte order mark is no longer in it.

    The data is text, whole numbers, numbers, booleans, times, None, lists, and
    dictionaries with text as keys: at most ``DEPTH_LIMIT`` levels and ``VALUE_LIMIT``
    values. Raises :class:`DecodeError` with a placed diagnostic: FILE004, PARSE001 to
    PARSE003, or TYPE001 where the top is no table.
    """
    if not text or text.isspace():
        raise empty()
    zero = text.find("\0")
    if zero >= 0:
        raise not_well_formed(
            f"not well-formed {format.upper()}: a NUL byte",
            place_at(text, zero, zero + 1),
            "remove it; a file full of them was cut short by a crash: save it again",
        )
    if text.startswith(_MARK):
        raise not_well_formed(
            f"not well-formed {format.upper()}: a second byte order mark",
            place_at(text, 0),
            "remove it: save the file as UTF-8 without a mark",
        )
    data = _decode(text, format)
    if not isinstance(data, dict):
        table = TABLE_WORDS[format]
        got = described(data, "", table)
        raise wrong_type(f"a policy is {table}, got {got}", TOP, "write name and value pairs")
    return data


def encode(data: Mapping[str, object], format: Format) -> str:  # noqa: A002
    """Write data as the text of a policy file.

    Times stay times where the format has them and become RFC 3339 text where it has
    not: in JSON, and times without a date in YAML too. Raises :class:`EncodeError` for
    what the format cannot hold, None in TOML among it.
    """
    values = written_values(data, format)
    match format:
        case Format.TOML:
            return encode_toml(values)
        case Format.YAML:
            from policyconsole.loading.yaml_format import encode_yaml  # noqa: PLC0415 - as below

            return encode_yaml(values)
        case Format.JSON:
            return encode_json(values)


def written_values(data: Mapping[str, object], format: Format) -> dict[str, object]:  # noqa: A002
    """Give data as it reads again once a format has written it; raises :class:`EncodeError`."""
    return plain(
        data,
        times=format is not Format.JSON,
        clocks=format is Format.TOML,
        nulls=format is not Format.TOML,
    )


def _decode(text: str, form: Format) -> object:
    match form:
        case Format.TOML:
            return decode_toml(text)
        case Format.YAML:
            # PyYAML takes 15 ms to import: only where there is YAML.
            from policyconsole.loading.yaml_format import decode_yaml  # noqa: PLC0415

            return decode_yaml(text)
        case Format.JSON:
            return decode_json(text)
