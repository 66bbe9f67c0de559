"""SEC: what a policy file gives away, and who may change it. From Strict on."""

from collections.abc import Sequence

from policyconsole.diagnostics import Severity
from policyconsole.fields import format_field
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.validation.secrets import plain_secrets, tokens

MOST_SECRETS = 10
"""How many secrets of a policy each rule reports at most."""

_KEEP_ELSEWHERE = "revoke it, keep the new one in a secret store, and write where it is"


@rule("SEC012", error=Severity.HIGH, level=ValidationLevel.STRICT)
def token_in_file(context: Context) -> Sequence[Finding]:
    """A value is a token, a private key or a password in a form that is known.

    Policies are copied, reviewed and kept in version control: whoever may read one of the
    copies has the secret, for as long as it is valid. Known are private keys in PEM, the
    tokens of AWS, GitHub, GitLab, Google, npm, PyPI, SendGrid, Slack, Stripe and Vault, JSON
    Web Tokens, and URLs with a password in them. The value itself is never repeated.

    Example:
        custom.database = "postgres://policy:Ahh9eiK3@db.example.com/policies"

    Passes:
        custom.database = "postgres://policy@db.example.com/policies"

    Fix: Revoke the secret, keep the new one in a secret store or in the environment, and write
    only where it is.

    Source: CWE-798 (hard-coded credentials); the forms are those that gitleaks and
    detect-secrets look for.
    """
    return [
        Finding(f"the value is {form}", _KEEP_ELSEWHERE, format_field(path))
        for path, form in tokens(context.texts)[:MOST_SECRETS]
    ]


@rule("SEC013", level=ValidationLevel.STRICT)
def secret_in_file(context: Context) -> Sequence[Finding]:
    """A field whose name says that it is secret holds what looks like the secret itself.

    Policies are copied, reviewed and kept in version control, and so is what stands in them.
    References (${NAME}, env:NAME, vault:path, op://, a path), hashes, placeholders and plain
    names count as no secret. The value itself is never repeated.

    Example:
        custom.api_key = "q8Zr5Vw2Tn7Kc4Xb"

    Passes:
        custom.api_key = "${GATEWAY_API_KEY}"

    Fix: Revoke the secret, keep the new one in a secret store or in the environment, and write
    only where it is.

    Source: CWE-798 (hard-coded credentials); CWE-260 (password in configuration file).
    """
    return [
        Finding(
            "the value looks like the secret that the name says it is",
            _KEEP_ELSEWHERE,
            format_field(path),
        )
        for path in plain_secrets(context.texts)[:MOST_SECRETS]
    ]


@rule("SEC014", level=ValidationLevel.STRICT)
def writable_by_others(context: Context) -> Finding | None:
    """Every user of the machine may write to the file.

    Whoever can change a policy decides what is enforced, and nobody learns who it was. Told
    by the permissions of the file that a link leads to; not on Windows.

    Example:
        a file with the mode 666

    Passes:
        a file with the mode 600

    Fix: Take the permission away: chmod o-w, or chmod 600 if one user alone needs the file.

    Source: The mode is the report's; CWE-732 (incorrect permission assignment for critical
    resource).
    """
    if not context.writable_by_others:
        return None
    return Finding("every user of this machine may change the file", "chmod o-w, or chmod 600")


RULES = (token_in_file, secret_in_file, writable_by_others)
"""The rules of this module, in order."""
