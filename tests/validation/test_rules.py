"""Each rule: when it reports, when it is silent, how it weighs, when it runs."""

import pytest

from policyconsole.diagnostics import Diagnostic, Severity
from policyconsole.validation.levels import ValidationLevel
from tests.validation import beyond
from tests.validation.building import codes, findings

# The table of the specification, copied by hand: never built from the catalogue.
TABLE = [
    ("SYNTAX001", "error", "critical", "basic", "id"),
    ("SYNTAX002", "error", "critical", "basic", "name"),
    ("SYNTAX003", "error", "high", "basic", "version"),
    ("SYNTAX004", "warning", "", "basic", "version"),
    ("SYNTAX005", "error", "medium", "basic", "created_at"),
    ("LOGIC001", "warning", "", "standard", "security.enabled"),
    ("LOGIC002", "error", "high", "standard", "security.tls.cipher_suites"),
    ("LOGIC003", "warning", "", "standard", "security.input_validation"),
    ("LOGIC004", "warning", "", "standard", "monitoring.interval_seconds"),
    ("LOGIC005", "error", "medium", "standard", "monitoring.metrics.sampling_rate"),
    ("LOGIC006", "warning", "", "standard", "authentication.enabled"),
    ("LOGIC007", "warning", "", "standard", "authentication.session_timeout_seconds"),
    ("LOGIC008", "warning", "", "standard", "authentication.session_timeout_seconds"),
    ("LOGIC009", "warning", "", "standard", "authentication.require_mfa"),
    ("LOGIC010", "recommendation", "security", "standard", "monitoring.alerts_enabled"),
    ("SEC001", "error", "high", "strict", "security.encryption.key_size"),
    ("SEC002", "warning", "", "strict", "security.encryption.pbkdf2_iterations"),
    ("SEC003", "error", "high", "strict", "security.tls.min_version"),
    ("SEC004", "warning", "", "strict", "security.rate_limiting.requests_per_minute"),
    ("SEC005", "warning", "", "strict", "security.rate_limiting.burst_size"),
    ("SEC006", "warning", "", "strict", "security.input_validation.max_input_length"),
    ("CUSTOM001", "warning", "", "custom", "custom.environment"),
    ("CUSTOM002", "warning", "", "custom", "custom.compliance_mode"),
    ("ENV001", "error", "critical", "custom", "security.enabled"),
    ("ENV002", "error", "high", "custom", "authentication.require_mfa"),
    ("ENV003", "warning", "", "custom", "monitoring.log_level"),
    ("ENV004", "warning", "", "custom", "security.rate_limiting.requests_per_minute"),
    ("ENV005", "warning", "", "custom", "custom.environment"),
    ("REC001", "recommendation", "security", "basic", "security.encryption.pbkdf2_iterations"),
    ("REC002", "recommendation", "security", "basic", "security.tls.min_version"),
    ("REC003", "recommendation", "availability", "basic", "monitoring.interval_seconds"),
    ("REC004", "recommendation", "security", "basic", "authentication.require_mfa"),
]

LEVELS = ["basic", "standard", "strict", "custom"]

PRODUCTION = "custom.environment = 'production'\n"
DEVELOPMENT = "custom.environment = 'development'\n"
SECURITY_OFF = "security.enabled = false\n"
UNPROTECTED = "sql_injection_protection = false\nxss_protection = false\n"

# What makes each rule report; the first of each list is its plainest case.
REPORTED = {
    "SYNTAX001": ["id = ''", "id = ' '", 'id = "\\t\\n\\u00a0"'],
    "SYNTAX002": ["name = ''", "name = '  '"],
    "SYNTAX003": ["version = ''", "version = ' '"],
    "SYNTAX004": [
        "version = 'v2'",
        "version = '1.0'",
        "version = '1.0.0.0'",
        "version = '1.0.0-rc.1'",
        "version = ' 1.0.0'",
        'version = "1.0.0\\n"',
        "version = '1.-1.0'",
        "version = '1..0'",
        'version = "\\u0661.\\u0660.\\u0660"',  # digits, but Arabic ones
    ],
    "SYNTAX005": [
        "created_at = 2026-05-01T09:00:01Z\nupdated_at = 2026-05-01T09:00:00Z",
        "created_at = 2026-05-01T09:00:00Z\nupdated_at = 2026-05-01T10:00:00+02:00",
    ],
    "LOGIC001": [SECURITY_OFF],
    "LOGIC002": ["security.tls.cipher_suites = []"],
    "LOGIC003": ["[security.input_validation]\n" + UNPROTECTED],
    "LOGIC004": ["monitoring.interval_seconds = 601"],
    "LOGIC005": [
        "monitoring.metrics.sampling_rate = 0.0",
        "monitoring.metrics.sampling_rate = 0",
        "monitoring.metrics.sampling_rate = -0.0",
    ],
    "LOGIC006": ["authentication.enabled = false"],
    "LOGIC007": [
        "authentication.session_timeout_seconds = 299",
        "authentication.session_timeout_seconds = 1",
    ],
    "LOGIC008": [
        "authentication.session_timeout_seconds = 86401",
        "authentication.session_timeout_seconds = 2147483647",
    ],
    "LOGIC009": [SECURITY_OFF + "authentication.require_mfa = true"],
    "LOGIC010": ["monitoring.alerts_enabled = false"],
    "SEC001": ["security.encryption.key_size = 255", "security.encryption.key_size = 0"],
    "SEC002": ["security.encryption.pbkdf2_iterations = 9999"],
    "SEC003": [
        "security.tls.min_version = 'TLSv1.0'",
        "security.tls.min_version = 'TLSv1.1'",
        "security.tls.min_version = 'TLSv1'",
        "security.tls.min_version = 'SSLv3'",
        "security.tls.min_version = 'tlsv1.3'",
        "security.tls.min_version = '1.3'",
        "security.tls.min_version = ' TLSv1.3'",
        "security.tls.min_version = ''",
        SECURITY_OFF + "security.tls.min_version = 'TLSv1.0'",
    ],
    "SEC004": [
        "security.rate_limiting.requests_per_minute = 1001",
        SECURITY_OFF + "security.rate_limiting.requests_per_minute = 1001",
    ],
    "SEC005": [
        "security.rate_limiting.requests_per_minute = 60\nsecurity.rate_limiting.burst_size = 31",
        "security.rate_limiting.requests_per_minute = 61\nsecurity.rate_limiting.burst_size = 31",
        "security.rate_limiting.requests_per_minute = 1\nsecurity.rate_limiting.burst_size = 1",
    ],
    "SEC006": ["security.input_validation.max_input_length = 10485761"],
    "CUSTOM001": [
        "custom.environment = 'prod'",
        "custom.environment = 'Production'",
        "custom.environment = ''",
    ],
    "CUSTOM002": ["custom.compliance_mode = 'paranoid'", "custom.compliance_mode = 'STRICT'"],
    "ENV001": [PRODUCTION + SECURITY_OFF],
    "ENV002": [
        PRODUCTION + "authentication.require_mfa = false",
        PRODUCTION + "authentication.require_mfa = false\nauthentication.enabled = false",
    ],
    "ENV003": [PRODUCTION + "monitoring.log_level = 'debug'"],
    "ENV004": [DEVELOPMENT + "security.rate_limiting.requests_per_minute = 99"],
    "ENV005": ["custom.environment = 'prod'", "custom.environment = ''"],
    "REC001": ["security.encryption.pbkdf2_iterations = 99999"],
    "REC002": ["security.tls.min_version = 'TLSv1.2'"],
    "REC003": ["monitoring.interval_seconds = 301"],
    "REC004": ["authentication.require_mfa = false"],
}

# Just on the right side of each rule, and with the switch off that it depends on.
SILENT = {
    "SYNTAX001": ["", "id = 'x'"],
    "SYNTAX002": ["", "name = 'x'"],
    "SYNTAX003": ["version = '0'"],
    "SYNTAX004": ["version = '0.0.0'", "version = '10.200.3000'", "version = ''", "version = ' '"],
    "SYNTAX005": [
        "created_at = 2026-05-01T09:00:00Z\nupdated_at = 2026-05-01T09:00:00Z",
        "created_at = 2026-05-01T11:00:00+02:00\nupdated_at = 2026-05-01T09:00:00Z",
        "created_at = 2026-05-01T09:00:00Z",
        "updated_at = 2026-05-01T09:00:00Z",
    ],
    "LOGIC001": [""],
    "LOGIC002": [
        "security.tls.cipher_suites = ['any']",
        "security.tls.cipher_suites = []\nsecurity.tls.enforce = false",
    ],
    "LOGIC003": [
        "security.input_validation.sql_injection_protection = false",
        "security.input_validation.xss_protection = false",
        "[security.input_validation]\nenabled = false\n" + UNPROTECTED,
    ],
    "LOGIC004": [
        "monitoring.interval_seconds = 600",
        "monitoring.interval_seconds = 601\nmonitoring.alerts_enabled = false",
    ],
    "LOGIC005": [
        "monitoring.metrics.sampling_rate = 0.0001",
        "monitoring.metrics.sampling_rate = 0.0\nmonitoring.metrics.enabled = false",
    ],
    "LOGIC006": [""],
    "LOGIC007": ["authentication.session_timeout_seconds = 300"],
    "LOGIC008": ["authentication.session_timeout_seconds = 86400"],
    "LOGIC009": ["", SECURITY_OFF + "authentication.require_mfa = false"],
    "LOGIC010": ["", SECURITY_OFF + "monitoring.alerts_enabled = false"],
    "SEC001": [
        "security.encryption.key_size = 256",
        SECURITY_OFF + "security.encryption.key_size = 255",
    ],
    "SEC002": [
        "security.encryption.pbkdf2_iterations = 10000",
        SECURITY_OFF + "security.encryption.pbkdf2_iterations = 9999",
    ],
    "SEC003": [
        "security.tls.min_version = 'TLSv1.2'",
        "security.tls.min_version = 'TLSv1.3'",
        "security.tls.min_version = 'TLSv1.0'\nsecurity.tls.enforce = false",
    ],
    "SEC004": [
        "security.rate_limiting.requests_per_minute = 1000",
        "[security.rate_limiting]\nrequests_per_minute = 1001\nenabled = false",
    ],
    "SEC005": [
        "security.rate_limiting.requests_per_minute = 61\nsecurity.rate_limiting.burst_size = 30",
        "[security.rate_limiting]\nrequests_per_minute = 60\nburst_size = 31\nenabled = false",
    ],
    "SEC006": [
        "security.input_validation.max_input_length = 10485760",
        "[security.input_validation]\nmax_input_length = 10485761\nenabled = false",
    ],
    "CUSTOM001": [
        "",
        PRODUCTION,
        DEVELOPMENT,
        "custom.environment = 'staging'",
        "custom.environment = 3",
        "custom.environment = ['prod']",
    ],
    "CUSTOM002": [
        "",
        "custom.compliance_mode = 'basic'",
        "custom.compliance_mode = 'standard'",
        "custom.compliance_mode = 'strict'",
        "custom.compliance_mode = 5",
    ],
    "ENV001": [PRODUCTION, DEVELOPMENT + SECURITY_OFF, SECURITY_OFF],
    "ENV002": [PRODUCTION, "authentication.require_mfa = false"],
    "ENV003": [
        PRODUCTION + "monitoring.log_level = 'info'",
        "custom.environment = 'staging'\nmonitoring.log_level = 'debug'",
    ],
    "ENV004": [
        DEVELOPMENT + "security.rate_limiting.requests_per_minute = 100",
        PRODUCTION + "security.rate_limiting.requests_per_minute = 99",
    ],
    "ENV005": ["", PRODUCTION, DEVELOPMENT, "custom.environment = 'staging'"],
    "REC001": [
        "security.encryption.pbkdf2_iterations = 100000",
        SECURITY_OFF + "security.encryption.pbkdf2_iterations = 99999",
    ],
    "REC002": ["", SECURITY_OFF + "security.tls.min_version = 'TLSv1.2'"],
    "REC003": ["monitoring.interval_seconds = 300"],
    "REC004": ["", "authentication.require_mfa = false\nauthentication.enabled = false"],
}


EVERY_ROW = [*TABLE, *beyond.TABLE]
EVERY_REPORTED = REPORTED | beyond.REPORTED
EVERY_SILENT = SILENT | beyond.SILENT


def test_every_rule_of_the_table_has_cases() -> None:
    expected = [row[0] for row in TABLE]

    assert len(expected) == 32
    assert list(REPORTED) == expected
    assert list(SILENT) == expected
    assert list(beyond.REPORTED) == list(beyond.SILENT) == [row[0] for row in beyond.TABLE]


@pytest.mark.parametrize(
    ("code", "toml"), [(c, t) for c, all_ in EVERY_REPORTED.items() for t in all_]
)
def test_reports(code: str, toml: str) -> None:
    assert code in codes(toml)


@pytest.mark.parametrize(
    ("code", "toml"), [(c, t) for c, all_ in EVERY_SILENT.items() for t in all_]
)
def test_is_silent(code: str, toml: str) -> None:
    assert code not in codes(toml)


@pytest.mark.parametrize(("code", "kind", "weight", "level", "field"), EVERY_ROW)
def test_says_what_the_table_says(
    code: str, kind: str, weight: str, level: str, field: str | None
) -> None:
    finding = only(code, EVERY_REPORTED[code][0])

    assert finding.kind.value == kind
    assert finding.weight == weight
    assert (finding.severity is not None) == (kind == "error")
    assert (finding.impact is not None) == (kind == "recommendation")
    assert finding.field == beyond.FOUND_AT.get(code, field)
    assert finding.place is None


@pytest.mark.parametrize(("code", "level"), [(row[0], row[3]) for row in EVERY_ROW])
def test_runs_from_its_level_on(code: str, level: str) -> None:
    toml = EVERY_REPORTED[code][0]

    reported_at = [name for name in LEVELS if code in codes(toml, ValidationLevel(name))]

    assert reported_at == LEVELS[LEVELS.index(level) :]


def test_security_off_silences_what_then_has_no_effect() -> None:
    broken = (
        "security.tls.cipher_suites = []\n"
        "security.input_validation.sql_injection_protection = false\n"
        "security.input_validation.xss_protection = false\n"
    )

    assert {"LOGIC002", "LOGIC003"} <= codes(broken)
    assert codes(SECURITY_OFF + broken) & {"LOGIC001", "LOGIC002", "LOGIC003"} == {"LOGIC001"}


@pytest.mark.parametrize("code", list(EVERY_REPORTED))
def test_says_what_is_wrong_and_what_to_do(code: str) -> None:
    for toml in EVERY_REPORTED[code]:
        for finding in findings(toml):
            assert finding.message
            assert len(finding.message) <= 120
            assert finding.help
            assert not finding.message.endswith(".")
            assert not finding.help.endswith(".")


@pytest.mark.parametrize(
    ("code", "toml", "value"),
    [
        ("SYNTAX004", "version = 'v2'", '"v2"'),
        (
            "SYNTAX005",
            "created_at = 2026-05-02T00:00:00Z\nupdated_at = 2026-05-01T00:00:00Z",
            "2026-05-02T00:00:00+00:00",
        ),
        ("LOGIC004", "monitoring.interval_seconds = 3600", "3,600"),
        ("LOGIC007", "authentication.session_timeout_seconds = 120", "120"),
        ("LOGIC008", "authentication.session_timeout_seconds = 172800", "172,800"),
        ("SEC001", "security.encryption.key_size = 128", "128"),
        ("SEC002", "security.encryption.pbkdf2_iterations = 1234", "1,234"),
        ("SEC003", "security.tls.min_version = 'SSLv3'", '"SSLv3"'),
        ("SEC004", "security.rate_limiting.requests_per_minute = 5000", "5,000"),
        ("SEC005", "security.rate_limiting.burst_size = 45", "45"),
        ("SEC006", "security.input_validation.max_input_length = 20000000", "20,000,000"),
        ("CUSTOM001", "custom.environment = 'prod'", '"prod"'),
        ("CUSTOM002", "custom.compliance_mode = 'lax'", '"lax"'),
        ("ENV004", DEVELOPMENT + "security.rate_limiting.requests_per_minute = 7", "7"),
        ("ENV005", "custom.environment = 'prod'", '"prod"'),
        ("REC001", "security.encryption.pbkdf2_iterations = 54321", "54,321"),
        ("REC003", "monitoring.interval_seconds = 450", "450"),
        ("LOGIC011", beyond.sized("AES-128-GCM", 512), "128"),
        ("LOGIC013", beyond.suites(beyond.NEW_SUITE, beyond.OLD_SUITE), beyond.OLD_SUITE),
        ("SEC007", beyond.named("DES"), '"DES" is DES'),
        ("SEC008", beyond.named("ROT13"), '"ROT13"'),
        ("SEC009", beyond.suites("RC4-SHA"), '"RC4-SHA" encrypts with RC4'),
        ("SEC010", beyond.suites("AES256-SHA"), '"AES256-SHA"'),
        ("SEC011", beyond.suites("any"), '"any"'),
        ("SEC011", beyond.suites("TLS_FALLBACK_SCSV"), "is a signal of the handshake"),
        ("ENV011", beyond.REPORTED["ENV011"][0], "43,201"),
        ("REC005", "security.encryption.pbkdf2_iterations = 310000", "310,000"),
        ("REC006", beyond.named("AES-256-CBC"), '"AES-256-CBC"'),
        ("REC007", beyond.REPORTED["REC007"][0], "901"),
    ],
)
def test_names_the_value(code: str, toml: str, value: str) -> None:
    assert value in only(code, toml).message


def test_old_tls_is_said_as_people_say_it() -> None:
    finding = only("SEC003", "security.tls.min_version = 'TLSv1.0'")

    assert finding.message == "TLS 1.0 is below the minimum of 1.2"
    assert finding.help == 'set "TLSv1.2" or "TLSv1.3" (RFC 8996)'
    assert finding.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("written", "suggested"),
    [("prod", "production"), ("Production ", "production"), ("dev", "development")],
)
def test_a_misspelt_environment_is_recognised(written: str, suggested: str) -> None:
    toml = f"custom.environment = '{written}'"

    assert only("CUSTOM001", toml).help == f'did you mean "{suggested}"?'
    assert only("ENV005", toml).help == f'set "{suggested}"'


def test_an_environment_like_no_other_gets_the_whole_choice() -> None:
    expected = 'set "development", "staging" or "production"'

    assert only("CUSTOM001", "custom.environment = 'qa'").help == expected
    assert only("ENV005", "custom.environment = 'qa'").help == expected


@pytest.mark.parametrize(
    "code", ["SYNTAX004", "SEC003", "SEC008", "CUSTOM001", "CUSTOM002", "ENV005"]
)
def test_a_long_value_is_cut(code: str) -> None:
    field = {row[0]: row[4] for row in EVERY_ROW}[code]

    message = only(code, f"{field} = '{'x' * 5000}'").message

    assert "x" * 39 + "…" in message
    assert len(message) < 120


def test_a_burst_that_no_rate_allows_says_what_would_help() -> None:
    toml = "security.rate_limiting.requests_per_minute = 1\nsecurity.rate_limiting.burst_size = 1"

    assert only("SEC005", toml).help == "raise requests_per_minute to 2 or more"


def only(code: str, toml: str) -> Diagnostic:
    """The one finding of ``code``."""
    (finding,) = (finding for finding in findings(toml) if finding.code == code)
    return finding
