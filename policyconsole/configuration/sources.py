"""The sources in the order of their strength, put together by pydantic-settings.

It takes 20 ms to import, so this is loaded only where a file or a variable says something.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from policyconsole.configuration.model import Configuration
from policyconsole.configuration.variables import NESTED, PREFIX, value_of


class _Given(PydanticBaseSettingsSource):
    """What a file or the command line says."""

    def __init__(self, settings: type[BaseSettings], data: Mapping[str, object]) -> None:
        super().__init__(settings)
        self._data = data

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - theirs
        return self._data.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._data)


class _Variables(EnvSettingsSource):
    """What the environment says; lists and tables need not be JSON."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002 - theirs
        return value_of(field_name, value)


class _Settings(BaseSettings, Configuration):
    """A configuration that is read from its sources."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, env_nested_delimiter=NESTED
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - theirs
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - theirs
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - theirs
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = init_settings()
        return (
            _Given(settings_cls, given["options"]),
            _Variables(settings_cls),
            _Given(settings_cls, given["file"]),
        )


def combined(options: Mapping[str, object], file: Mapping[str, object]) -> Configuration:
    """Give what options, the environment and a file say, each stronger than the next.

    Of tables, each key is taken from the strongest that has it. Raises
    ``pydantic.ValidationError``.
    """
    settings = _Settings(options=options, file=file)  # type: ignore[call-arg]  # not fields: sources
    values = {name: getattr(settings, name) for name in Configuration.model_fields}
    return Configuration.model_construct(settings.model_fields_set, **values)
