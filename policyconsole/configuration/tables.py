"""The tables of a configuration: settings that belong together."""

from collections.abc import Mapping

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field


def key_of(name: str) -> str:
    """Give the key of a field in a file."""
    return name.replace("_", "-")


class Table(BaseModel):
    """A table of settings, each by its field's name; :func:`by_name` gives them so."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=AliasGenerator(serialization_alias=key_of)
    )


def by_name(table: Mapping[str, object]) -> dict[str, str]:
    """Give the key of each setting of a table by its field's name, spelt with - or with _.

    Where both are there, the second stays as it is, and is known to nobody.
    """
    names: dict[str, str] = {}
    for key in table:
        name = key.replace("-", "_")
        names[key if name in names else name] = key
    return names


class HistorySettings(Table):
    """``[history]``: whether revisions are kept, how many of a policy, and for how many days.

    As many refusals of each file are kept, for as long.
    """

    enabled: bool = True
    keep_revisions: int = Field(default=200, ge=1, le=1_000_000)
    keep_days: int = Field(default=365, ge=1, le=36_500)


class RolloutSettings(Table):
    """``[rollout]``: whether a changed policy is on probation, and what it may refuse meanwhile.

    0 seconds are none. The rate is the share of requests, from 0 to 1, of at least
    ``min_requests``.
    """

    probation_seconds: int = Field(default=0, ge=0, le=86_400)
    max_refusal_rate: float = Field(default=0.1, ge=0, le=1)
    min_requests: int = Field(default=20, ge=1, le=1_000_000)
