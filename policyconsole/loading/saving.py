"""From a policy to a file that loads as the same policy."""

from os import PathLike, fspath

from pydantic import ValidationError

from policyconsole.loading.atomic import write_atomically
from policyconsole.loading.formats import (
    DecodeError,
    EncodeError,
    Format,
    decode,
    encode,
    format_of,
)
from policyconsole.policy import PolicyConfig, Section


class PolicySaveError(ValueError):
    """A policy cannot be written as the file that is asked for; the file is as it was.

    ``field`` names the value that the format cannot hold, None where it is not one value.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def save_policy(config: PolicyConfig, path: str | PathLike[str]) -> None:
    """Write ``config`` to ``path`` in the format of its suffix, atomically.

    Raises :class:`PolicySaveError` for what could not be loaded again as it is, OSError
    where the file cannot be written.
    """
    form = format_of(path)
    if form is None:
        raise PolicySaveError(
            f"{fspath(path)!r} names no format: the suffixes are .toml, .yaml, .yml and .json"
        )
    write_atomically(path, to_source(config, form).encode())


def to_source(config: PolicyConfig, form: Format) -> str:
    """Write a policy as text in a format, and make sure that it reads back.

    Holds what was set, and unknown fields; defaults that were never spelled out stay so.
    Raises :class:`PolicySaveError`.
    """
    try:
        text = encode(_data(config), form)
    except EncodeError as problem:
        raise PolicySaveError(str(problem), problem.field) from None
    try:
        PolicyConfig.model_validate(decode(text, form))
    except (DecodeError, ValidationError) as problem:
        raise PolicySaveError(f"this policy would not load again: {problem}") from None
    return text


def _data(section: Section) -> dict[str, object]:
    """Give what a section says: fields that were set or differ from their default, then unknown ones."""
    data: dict[str, object] = {}
    for name, field in type(section).model_fields.items():
        value: object = getattr(section, name)
        default = field.get_default(call_default_factory=True)
        if value is None or (name not in section.model_fields_set and value == default):
            continue
        data[name] = _data(value) if isinstance(value, Section) else value
    return data | (section.model_extra or {})
