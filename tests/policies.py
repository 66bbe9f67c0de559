"""Policy texts that the tests write to disk."""

from pathlib import Path

REPORT = Path(__file__).parent / "report-example.toml"
"""The example of the report, letter by letter."""


def toml(
    policy_id: str = "a-policy",
    *,
    name: str = "A policy",
    version: str = "1.0.0",
    min_version: str = "TLSv1.3",
    requests_per_minute: int = 60,
    log_level: str = "info",
    extra: str = "",
) -> str:
    """A policy that is valid at Strict unless ``min_version`` says otherwise."""
    return f"""\
id = "{policy_id}"
name = "{name}"
version = "{version}"
{extra}
[security.tls]
min_version = "{min_version}"

[security.rate_limiting]
requests_per_minute = {requests_per_minute}

[monitoring]
log_level = "{log_level}"
"""


REFUSED_AT_STRICT = toml(min_version="TLSv1.0")
"""SEC003 at Strict; valid at Standard."""

NOT_WELL_FORMED = 'id = "a-policy"\nname = \n'
"""PARSE001 at every level."""
