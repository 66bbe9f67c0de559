"""Folders that tests show: a usual one, an empty one, a large one, a hostile one."""

from collections.abc import Callable

from policyconsole.diagnostics import Diagnostic, Impact, Kind, Place, Severity, error
from policyconsole.events import Change, Latency
from tests.tui.scripted import ScriptedEngine

SECURITY = """\
# Transport and data
id = "staging-security-policy"
name = "Staging"
version = "1.4.0"

[security]
enabled = true

[security.encryption]
algorithm = "AES-256-GCM"
key_size = 256
pbkdf2_iterations = 50000

[security.tls]
enforce = true
min_version = "TLSv1.0"
cipher_suites = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
]

[authentication]
method = "oauth2"   # the identity provider of the company
session_timeout_seconds = 3600

[custom]
environment = "staging"
api_key = "sk-live-0123456789"
"""

DEVELOPMENT = """\
id: development-security-policy
name: Development
version: 0.9.0
authentication:
  session_timeout_seconds: 120
"""

PAYMENTS = """\
{
  "id": "payments-gateway",
  "name": "Payments",
  "version": "2.1.0",
  "security": {"rate_limiting": {"requests_per_minute": 600, "burst_size": 100}},
  "custom": {"environment": "production", "owner": null}
}
"""

TLS_TOO_OLD = error(
    "SEC003",
    Severity.HIGH,
    "TLSv1.0 is below the minimum of TLSv1.2",
    field="security.tls.min_version",
    place=Place(16, 15, 16, 24),
    help='set "TLSv1.2" or "TLSv1.3" (RFC 8996)',
)
FEW_ITERATIONS = Diagnostic(
    "REC001",
    Kind.RECOMMENDATION,
    "50000 iterations of PBKDF2 are few: OWASP recommends 600000 for HMAC-SHA256",
    impact=Impact.SECURITY,
    field="security.encryption.pbkdf2_iterations",
    place=Place(12, 21, 12, 26),
    help="set 600000",
)
SHORT_SESSION = Diagnostic(
    "LOGIC007",
    Kind.WARNING,
    "sessions end after 120 seconds; below 300 people log in all day",
    field="authentication.session_timeout_seconds",
    place=Place(5, 28, 5, 31),
    help="set 300 or more",
)
NOT_WELL_FORMED = error(
    "PARSE001",
    Severity.CRITICAL,
    "expected a value",
    place=Place(2, 8, 2, 9),
    help="write a value after =",
)


def usual(engine: ScriptedEngine) -> None:
    """Six files: four live, one with a warning, one refused; and what led there."""
    clock = engine.clock
    clock.forward(-190)
    engine.apply("development.yaml", "development-security-policy", DEVELOPMENT,
                 diagnostics=(SHORT_SESSION,), environment="development")  # fmt: skip
    engine.apply("payments/gateway.json", "payments-gateway", PAYMENTS, environment="production")
    for name in ("internal-tools", "production-security-policy", "reporting"):
        source = f'id = "{name}"\nname = "{name}"\nversion = "1.0.0"\n'
        engine.apply(f"{name}.toml", name, source, environment="production")
    good = SECURITY.replace("TLSv1.0", "TLSv1.2")
    engine.apply("staging.toml", "staging-security-policy", good, environment="staging",
                 diagnostics=(FEW_ITERATIONS,))  # fmt: skip
    engine.started()
    for step, total in enumerate((1.8, 2.4, 1.6, 1.9, 9.7, 2.2, 1.7, 2.0, 3.1, 1.8, 2.1), start=1):
        clock.forward(15)
        engine.apply(
            "production-security-policy.toml",
            "production-security-policy",
            f'id = "production-security-policy"\nversion = "1.0.{step}"\n',
            environment="production",
            changes=(
                Change("security.rate_limiting.requests_per_minute", 50 + step, 51 + step),
                *([Change("version", f"1.0.{step - 1}", f"1.0.{step}")] if step % 3 == 0 else []),
            ),
            latency=Latency(total * 0.4, total * 0.2, total * 0.1, total * 0.3, total),
        )
    clock.forward(13)
    refuse_staging(engine)
    clock.forward(12)


def refuse_staging(engine: ScriptedEngine) -> None:
    """Somebody sets TLS 1.0."""
    engine.refuse("staging.toml", "staging-security-policy", SECURITY,
                  (FEW_ITERATIONS, TLS_TOO_OLD), latency=Latency(0.9, 0.4, 0.2, None, None))  # fmt: skip


def empty(engine: ScriptedEngine) -> None:
    """A folder without policies."""
    engine.environment = None
    engine.started()


def large(files: int) -> Callable[[ScriptedEngine], None]:
    """Many files, all live."""

    def tell(engine: ScriptedEngine) -> None:
        for number in range(files):
            path = f"team-{number % 50:02d}/policy-{number:05d}.toml"
            engine.apply(path, f"policy-{number:05d}", "")
        engine.started()

    return tell


def degraded(engine: ScriptedEngine) -> None:
    """The folder was deleted."""
    usual(engine)
    engine.degraded("the folder is gone: /srv/policies")


def dead(engine: ScriptedEngine) -> None:
    """The engine's thread ended by itself."""
    usual(engine)
    engine.died("OSError: no file descriptors left")


HOSTILE_TEXTS = (
    "[red]x[/]",
    "[/nope]",
    "[link=http://x]click[/link",
    "[@click=app.quit]quit[/]",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    "line\nbreak\ttab\rreturn",
    "\udcff\udcfe.toml",
    "漢字🎉e\u0301",
    "n" * 10_000,
    "",
)
"""Names and values that have broken terminal programs."""


def hostile(engine: ScriptedEngine) -> None:
    """Every name and value is out to break the picture."""
    engine.environment = "[bold]env[/]\x1b[31m"
    for number, text in enumerate(HOSTILE_TEXTS):
        path = f"{number:02d}-{text}.toml"
        source = f'id = "{text}"\npassword = "hunter2-{number}"\n[{text}]\nx = 1\n'
        findings = (
            error("SEC\x1b[1m003", Severity.HIGH, f"bad {text}", field=f"custom.{text}",
                  place=Place(1, 4, 1, 400), help=f"do {text}"),
            error("SET001", Severity.HIGH, text, field="password", place=Place(2, 1, 2, 9)),
            error("TYPE001", Severity.HIGH, text, place=Place(999, 1, 999, 2)),
        )  # fmt: skip
        changes = (Change(f"custom.{text}", text, "[/]"), Change("password", "hunter2", "hunter3"))
        engine.apply(path, f"{number} {text}", source, changes=changes[: 1 + number % 2])
        engine.refuse(path, f"{number} {text}", source, findings, environment=text or None)
    engine.refuse("never.toml", None, None, (NOT_WELL_FORMED,))
    engine.degraded("[/] \x1b[31m gone")
