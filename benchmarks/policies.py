"""The policy that the benchmarks save: every field of every section, about 1 kB of TOML."""

from policyconsole.loading.formats import Format, encode
from policyconsole.policy import PolicyConfig


def text(form: Format, policy_id: str = "measured", rate: int = 1000) -> str:
    """Write the policy in a format, with an id and ``requests_per_minute`` of its own."""
    config = PolicyConfig.model_validate(
        {
            "id": policy_id,
            "name": "A policy that is saved again and again",
            "version": "1.0.0",
            "description": "Every field of every section, as teams write them out",
            "security": {"rate_limiting": {"requests_per_minute": rate}},
            "custom": {"environment": "production", "owner": "platform-team"},
        }
    )
    return encode(config.model_dump(exclude_none=True), form)
