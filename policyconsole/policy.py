"""What a policy may say: PolicyConfig and its sections.

The types are strict (``"60"`` is not a number) and the objects immutable. What a
rule of the catalogue covers loads here and is reported there: an empty id, a
sampling rate of 0, ``TLSv1.0``. Fields that are not known are kept in
``model_extra`` so that nothing a team wrote is lost.

The text below each field is what editors show of it (``policy-console schema``).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
)
from pydantic_core import PydanticCustomError

from policyconsole.masking import mask

LARGEST_NUMBER = 2_147_483_647
"""The upper end of counts, seconds and bytes: what a signed 32-bit integer holds."""

Count: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Seconds: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Bytes: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Bits: TypeAlias = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Rate: TypeAlias = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
TextList: TypeAlias = Annotated[tuple[Annotated[str, Strict()], ...], Field(strict=False)]
LogLevel: TypeAlias = Literal["debug", "info", "warn", "error"]
AuthenticationMethod: TypeAlias = Literal["none", "basic", "api_key", "jwt", "oauth2", "mtls"]

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?(?P<offset>[Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_MICROSECOND_DIGITS = re.compile(r"(\.\d{6})\d+")


def _read_time(value: object) -> object:
    """Turn RFC 3339 text into a time; YAML and TOML bring times of their own, JSON only text."""
    if not isinstance(value, str):
        return value
    match = _RFC_3339.fullmatch(value)
    if match is None:
        raise PydanticCustomError("rfc3339", "not an RFC 3339 time")
    if match["offset"] is None:
        raise PydanticCustomError("timezone_aware", "a time without an offset")
    try:
        return datetime.fromisoformat(_MICROSECOND_DIGITS.sub(r"\1", value.upper()))
    except ValueError as error:
        raise PydanticCustomError("rfc3339", "not a time that exists") from error


def exists_in_utc(moment: datetime) -> bool:
    """Tell whether an aware time falls into the years 1 to 9999 in UTC too, and so can be told."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _require_utc(value: datetime) -> datetime:
    if not exists_in_utc(value):
        raise PydanticCustomError("time_range", "outside the years 1 to 9999 in UTC")
    return value


Time: TypeAlias = Annotated[
    AwareDatetime, BeforeValidator(_read_time), AfterValidator(_require_utc)
]


def _shown(name: str, value: object) -> object:
    try:
        masked = mask(name, value)
    except RecursionError:  # it contains itself
        return ...
    return tuple(masked) if isinstance(value, tuple) and isinstance(masked, list) else masked


class Section(BaseModel):
    """What all tables of a policy share: strict, immutable, unknown fields kept."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", protected_namespaces=())

    def __repr_args__(self) -> "Iterable[tuple[str | None, object]]":
        """Give what ``repr`` shows: secrets masked, for it lands in logs, tracebacks and notebooks."""
        for name, value in super().__repr_args__():
            yield name, value if isinstance(value, Section) else _shown(name or "", value)


class Encryption(Section):
    """How data is encrypted: ``[security.encryption]``."""

    enabled: bool = True
    """Whether data is encrypted."""
    algorithm: str = "AES-256-GCM"
    """The cipher that encrypts the data."""
    key_size: Bits = 256
    """The length of the key in bits."""
    pbkdf2_iterations: Count = 600_000
    """The rounds of PBKDF2 that turn a password into a key.

    OWASP Password Storage Cheat Sheet: 600,000 for PBKDF2-HMAC-SHA256.
    """


class Tls(Section):
    """Transport encryption: ``[security.tls]``."""

    enforce: bool = True
    """Whether connections without TLS are refused."""
    min_version: str = "TLSv1.3"
    """The oldest version of TLS that a connection may use."""
    cipher_suites: TextList = (
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
    )
    """The cipher suites that may be agreed on, the best first.

    The default ones are those of RFC 8446, section 9.1.
    """


class InputValidation(Section):
    """What a request may hold: ``[security.input_validation]``; the length in bytes."""

    enabled: bool = True
    """Whether the content of requests is checked."""
    max_input_length: Bytes = 1_048_576
    """The longest request that is let through, in bytes."""
    sql_injection_protection: bool = True
    """Whether requests that look like SQL injection are refused."""
    xss_protection: bool = True
    """Whether requests that look like cross-site scripting are refused."""


class RateLimiting(Section):
    """How often a client may ask: ``[security.rate_limiting]``."""

    enabled: bool = True
    """Whether the number of requests is limited."""
    requests_per_minute: Count = 60
    """How many requests a minute a client may make in the long run."""
    burst_size: Count = 10
    """How many requests may come at once."""
    window_size_seconds: Seconds = 60
    """The seconds over which requests are counted."""


class Security(Section):
    """``[security]`` and the tables below it."""

    enabled: bool = True
    """Whether the protections of this section are on at all."""
    encryption: Encryption = Encryption()
    """How data is encrypted."""
    tls: Tls = Tls()
    """How connections are encrypted."""
    input_validation: InputValidation = InputValidation()
    """What a request may hold."""
    rate_limiting: RateLimiting = RateLimiting()
    """How often a client may ask."""


class Metrics(Section):
    """``[monitoring.metrics]``: the sampling rate is a share from 0 to 1."""

    enabled: bool = True
    """Whether metrics are collected."""
    sampling_rate: Rate = 1.0
    """The share of requests that is measured, from 0 to 1."""
    buffer_size: Count = 1000
    """How many measurements are kept until they are sent."""


class Monitoring(Section):
    """``[monitoring]``: logs, alerts and metrics."""

    enabled: bool = True
    """Whether the service is monitored."""
    interval_seconds: Seconds = 60
    """The seconds from one look at the service to the next."""
    alerts_enabled: bool = True
    """Whether people are told when something is wrong."""
    log_level: LogLevel = "info"
    """The least important messages that are logged."""
    metrics: Metrics = Metrics()
    """What is measured, and how much of it."""


class Authentication(Section):
    """``[authentication]``: who may come in, and for how long."""

    enabled: bool = True
    """Whether clients must say who they are."""
    method: AuthenticationMethod = "oauth2"
    """How clients show who they are."""
    session_timeout_seconds: Seconds = 3600
    """The seconds after which a session ends."""
    require_mfa: bool = True
    """Whether a second factor is asked for."""


class PolicyConfig(Section):
    """A whole policy, as one file says it.

    ``id``, ``name`` and ``version`` are required, everything else has a default.
    ``custom`` is the team's own: any mapping, never checked for unknown fields.
    """

    id: str
    """The name that programs, events and the history know the policy by; no other file may have it."""
    name: str
    """The name that people read."""
    version: str
    """Three whole numbers, such as 1.0.0, as its authors count them."""
    description: str | None = None
    """What the policy is for."""
    created_at: Time | None = None
    """When the policy was written: an RFC 3339 time with an offset."""
    updated_at: Time | None = None
    """When the policy was last changed: an RFC 3339 time with an offset."""
    security: Security = Security()
    """Encryption, TLS, input validation and rate limits."""
    monitoring: Monitoring = Monitoring()
    """Logs, alerts and metrics."""
    authentication: Authentication = Authentication()
    """Who may come in, and for how long."""
    custom: Mapping[str, object] = Field(default_factory=dict)
    """Your own settings, of any kind."""

    @property
    def environment(self) -> str | None:
        """The environment that the policy names in ``custom.environment``, or None."""
        named = self.custom.get("environment")
        return named if isinstance(named, str) else None


SECTIONS: tuple[str, ...] = ("security", "monitoring", "authentication", "custom")
"""The tables of a policy, in the order of the file."""
