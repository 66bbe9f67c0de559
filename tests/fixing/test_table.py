"""The table of fixes: every code of the catalogue, what each writes, and the document about it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.fixing.repair import proposals
from policyconsole.fixing.table import ENTRIES, Entry
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

from .mending import codes, left, mended, policy

DOCUMENT = Path(__file__).parents[2] / "docs" / "fixes.md"

TLS = "[security.tls]\nmin_version = {}\n"
HASHING = "[security.encryption]\npbkdf2_iterations = {}\n"
NEEDS_A_VERSION = frozenset({"SYNTAX004"})

# The code, whether its fix is safe, and what the file says before and after.
WRITTEN = [
    ("TYPE001", True, '[monitoring]\ninterval_seconds = "60"\n', '[monitoring]\ninterval_seconds = 60\n'),
    ("TYPE001", True, '[monitoring]\ninterval_seconds = 60.0\n', '[monitoring]\ninterval_seconds = 60\n'),
    ("TYPE001", True, '[monitoring]\nenabled = "Yes"\n', '[monitoring]\nenabled = true\n'),
    ("TYPE001", True, '[monitoring.metrics]\nsampling_rate = "0.5"\n', '[monitoring.metrics]\nsampling_rate = 0.5\n'),
    ("TYPE001", True, '[security.tls]\ncipher_suites = "TLS_AES_128_GCM_SHA256"\n', '[security.tls]\ncipher_suites = ["TLS_AES_128_GCM_SHA256"]\n'),
    ("TYPE001", True, TLS.format("1.3"), TLS.format('"TLSv1.3"')),
    ("TYPE001", True, TLS.format("1.2"), TLS.format('"TLSv1.2"')),
    ("TYPE001", True, 'description = 2026-11-23\n', 'description = "2026-11-23"\n'),
    ("TYPE001", False, "created_at = 2026-11-23T18:00:00\n", "created_at = 2026-11-23T18:00:00Z\n"),
    ("TYPE001", False, 'created_at = "2026-11-23T18:00:00"\n', 'created_at = "2026-11-23T18:00:00Z"\n'),
    ("TYPE002", True, '[monitoring]\nlog_level = "INFO"\n', '[monitoring]\nlog_level = "info"\n'),
    ("TYPE002", False, '[monitoring]\nlog_level = "warning"\n', '[monitoring]\nlog_level = "warn"\n'),
    ("FIELD001", True, '[security.tls]\nmin_versoin = "TLSv1.3"\n', '[security.tls]\nmin_version = "TLSv1.3"\n'),
    ("FIELD001", True, '[monitoring]\nlogLevel = "warn"\n', '[monitoring]\nlog_level = "warn"\n'),
    ("FIELD001", False, "[authentication]\nsession_timeout = 600\n", "[authentication]\nsession_timeout_seconds = 600\n"),
    ("SYNTAX004", True, 'version = "1.0"\n', 'version = "1.0.0"\n'),
    ("SYNTAX004", True, "version = 'v2'\n", "version = '2.0.0'\n"),
    ("LOGIC001", False, "[security]\nenabled = false\n", "[security]\nenabled = true\n"),
    ("LOGIC002", False, "[security.tls]\ncipher_suites = []\n", '[security.tls]\ncipher_suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"]\n'),
    ("LOGIC003", False, "[security.input_validation]\nsql_injection_protection = false\nxss_protection = false\n", "[security.input_validation]\nsql_injection_protection = true\nxss_protection = true\n"),
    ("LOGIC004", False, "[monitoring]\ninterval_seconds = 900\n", "[monitoring]\ninterval_seconds = 300\n"),
    ("LOGIC005", False, "[monitoring.metrics]\nsampling_rate = 0\n", "[monitoring.metrics]\nsampling_rate = 0.1\n"),
    ("LOGIC006", False, "[authentication]\nenabled = false\n", "[authentication]\nenabled = true\n"),
    ("LOGIC007", False, "[authentication]\nsession_timeout_seconds = 60\n", "[authentication]\nsession_timeout_seconds = 300\n"),
    ("LOGIC008", False, "[authentication]\nsession_timeout_seconds = 90000\n", "[authentication]\nsession_timeout_seconds = 86400\n"),
    ("LOGIC009", False, "[security]\nenabled = false\n", "[security]\nenabled = true\n"),
    ("LOGIC010", False, "[monitoring]\nalerts_enabled = false\n", "[monitoring]\nalerts_enabled = true\n"),
    ("LOGIC012", False, '[security.tls]\ncipher_suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]\n', '[security.tls]\ncipher_suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"]\n'),
    ("LOGIC013", False, '[security.tls]\ncipher_suites = [\n  "TLS_AES_128_GCM_SHA256", # a\n  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", # b\n  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",\n]\n', '[security.tls]\ncipher_suites = [\n  "TLS_AES_128_GCM_SHA256", # a\n]\n'),
    ("SEC001", False, "[security.encryption]\nkey_size = 128\n", "[security.encryption]\nkey_size = 256\n"),
    ("SEC002", True, HASHING.format("1000"), HASHING.format("600000")),
    ("SEC003", True, TLS.format('"TLSv1.0"'), TLS.format('"TLSv1.2"')),
    ("SEC003", True, TLS.format('"SSLv3"'), TLS.format('"TLSv1.2"')),
    ("SEC003", True, TLS.format('"tls 1.3"'), TLS.format('"TLSv1.3"')),
    ("SEC004", False, "[security.rate_limiting]\nrequests_per_minute = 5000\n", "[security.rate_limiting]\nrequests_per_minute = 1000\n"),
    ("SEC005", False, "[security.rate_limiting]\nburst_size = 50\n", "[security.rate_limiting]\nburst_size = 30\n"),
    ("SEC005", False, "[security.rate_limiting]\nrequests_per_minute = 10\n", "[security.rate_limiting]\nrequests_per_minute = 10\nburst_size = 5\n"),
    ("SEC006", False, "[security.input_validation]\nmax_input_length = 104857600\n", "[security.input_validation]\nmax_input_length = 10485760\n"),
    ("SEC007", False, '[security.encryption]\nalgorithm = "DES-EDE3-CBC"\n', '[security.encryption]\nalgorithm = "AES-256-GCM"\n'),
    ("SEC008", False, '[security.encryption]\nalgorithm = "ASE-256-GCM"\n', '[security.encryption]\nalgorithm = "AES-256-GCM"\n'),
    ("SEC009", True, '[security.tls]\ncipher_suites = ["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"]\n', '[security.tls]\ncipher_suites = ["TLS_AES_128_GCM_SHA256"]\n'),
    ("SEC010", False, '[security.tls]\nmin_version = "TLSv1.2"\ncipher_suites = ["TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]\n[security.x]\n', '[security.tls]\nmin_version = "TLSv1.2"\ncipher_suites = ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]\n[security.x]\n'),
    ("SEC011", True, '[security.tls]\ncipher_suites = ["tls_aes_256_gcm_sha384"]\n', '[security.tls]\ncipher_suites = ["TLS_AES_256_GCM_SHA384"]\n'),
    ("SEC011", False, '[security.tls]\ncipher_suites = ["TLS_AES_256_GCM_SHA348"]\n', '[security.tls]\ncipher_suites = ["TLS_AES_256_GCM_SHA384"]\n'),
    ("CUSTOM001", True, '[custom]\nenvironment = "Staging"\n', '[custom]\nenvironment = "staging"\n'),
    ("CUSTOM001", False, '[custom]\nenvironment = "prod"\n', '[custom]\nenvironment = "production"\n'),
    ("CUSTOM002", True, '[custom]\ncompliance_mode = "STANDARD"\n', '[custom]\ncompliance_mode = "standard"\n'),
    ("CUSTOM002", False, '[custom]\ncompliance_mode = "standrad"\n', '[custom]\ncompliance_mode = "standard"\n'),
    ("ENV001", False, '[security]\nenabled = false\n[custom]\nenvironment = "production"\n', '[security]\nenabled = true\n[custom]\nenvironment = "production"\n'),
    ("ENV002", False, '[authentication]\nrequire_mfa = false\n[custom]\nenvironment = "production"\n', '[authentication]\nrequire_mfa = true\n[custom]\nenvironment = "production"\n'),
    ("ENV003", False, '[monitoring]\nlog_level = "debug"\n[custom]\nenvironment = "production"\n', '[monitoring]\nlog_level = "info"\n[custom]\nenvironment = "production"\n'),
    ("ENV004", False, '[custom]\nenvironment = "development"\n', '[custom]\nenvironment = "development"\n\n[security.rate_limiting]\nrequests_per_minute = 100\n'),
    ("ENV005", True, '[custom]\nenvironment = "Staging"\n', '[custom]\nenvironment = "staging"\n'),
    ("ENV005", False, '[custom]\nenvironment = "prod"\n', '[custom]\nenvironment = "production"\n'),
    ("ENV006", False, '[security.tls]\nenforce = false\n[custom]\nenvironment = "production"\n', '[security.tls]\nenforce = true\n[custom]\nenvironment = "production"\n'),
    ("ENV007", False, '[security.rate_limiting]\nenabled = false\n[custom]\nenvironment = "production"\n', '[security.rate_limiting]\nenabled = true\n[custom]\nenvironment = "production"\n'),
    ("ENV008", False, '[monitoring]\nenabled = false\n[custom]\nenvironment = "production"\n', '[monitoring]\nenabled = true\n[custom]\nenvironment = "production"\n'),
    ("ENV009", False, '[authentication]\nenabled = false\n[custom]\nenvironment = "production"\n', '[authentication]\nenabled = true\n[custom]\nenvironment = "production"\n'),
    ("ENV010", False, '[security.tls]\nenforce = false\n[authentication]\nmethod = "basic"\n[custom]\nenvironment = "production"\n', '[security.tls]\nenforce = true\n[authentication]\nmethod = "basic"\n[custom]\nenvironment = "production"\n'),
    ("ENV011", False, '[authentication]\nsession_timeout_seconds = 57600\n[custom]\nenvironment = "production"\n', '[authentication]\nsession_timeout_seconds = 43200\n[custom]\nenvironment = "production"\n'),
    ("REC001", True, HASHING.format("50_000"), HASHING.format("600_000")),
    ("REC002", False, TLS.format('"TLSv1.2"'), TLS.format('"TLSv1.3"')),
    ("REC003", False, "[monitoring]\ninterval_seconds = 400\n", "[monitoring]\ninterval_seconds = 300\n"),
    ("REC004", False, "[authentication]\nrequire_mfa = false\n", "[authentication]\nrequire_mfa = true\n"),
    ("REC005", True, HASHING.format("310000"), HASHING.format("600000")),
    ("REC006", False, '[security.encryption]\nalgorithm = "AES-256-CBC"\n', '[security.encryption]\nalgorithm = "AES-256-GCM"\n'),
    ("REC007", False, '[custom]\ncompliance_mode = "strict"\n[authentication]\nsession_timeout_seconds = 1800\n', '[custom]\ncompliance_mode = "strict"\n[authentication]\nsession_timeout_seconds = 900\n'),
]  # fmt: skip

# A finding that has a fix in other cases, and none here.
NOT_WRITTEN = [
    ("TYPE001", '[monitoring]\ninterval_seconds = "a minute"\n'),
    ("TYPE001", "[monitoring]\ninterval_seconds = 0.5\n"),
    ("TYPE001", '[monitoring]\nenabled = "maybe"\n'),
    ("TYPE001", 'created_at = "yesterday"\n'),
    ("TYPE001", "security = 5\n"),
    ("TYPE001", "description = [1]\n"),
    ("TYPE001", '[security.tls]\ncipher_suites = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"\n'),
    ("TYPE001", '[security.tls]\ncipher_suites = "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384"\n'),
    ("TYPE001", '[security.tls]\ncipher_suites = ""\n'),
    ("TYPE002", "[monitoring.metrics]\nsampling_rate = 1.5\n"),
    ("TYPE002", '[authentication]\nmethod = "kerberos"\n'),
    ("FIELD001", "[firewall]\nx = 1\n"),
    ("SYNTAX004", 'version = "1.0.0-rc1"\n'),
    ("SYNTAX004", 'version = "1.2.3.4"\n'),
    ("SYNTAX004", 'version = "two"\n'),
    ("SEC003", TLS.format('"best"')),
    ("SEC003", TLS.format('"TLSv1.4"')),
    ("SEC009", '[security.tls]\nmin_version = "TLSv1.2"\ncipher_suites = ["TLS_RSA_WITH_RC4_128_SHA"]\n'),
    ("SEC008", '[security.encryption]\nalgorithm = "home-made"\n'),
    ("SEC011", '[security.tls]\ncipher_suites = ["HIGH"]\n'),
    ("ENV009", '[authentication]\nmethod = "none"\n[custom]\nenvironment = "production"\n'),
    ("SEC005", "[security.rate_limiting]\nrequests_per_minute = 1\n"),
    ("CUSTOM001", '[custom]\nenvironment = "qa"\n'),
    ("CUSTOM002", '[custom]\ncompliance_mode = "paranoid"\n'),
]  # fmt: skip


def offered(code: str, text: str, *, unsafe: bool) -> list[bool]:
    """Whether the fixes that are proposed for a code are safe."""
    rules = Ruleset(ValidationLevel.CUSTOM)
    judgement = judge(text.encode(), Format.TOML, rules, "a.toml")
    assert code in [diagnostic.code for diagnostic in judgement.diagnostics]
    found = proposals(judgement, Format.TOML, unsafe=unsafe)
    return [fix.safe for diagnostic, fix in found if diagnostic.code == code]


@pytest.mark.parametrize(("code", "safe", "before", "after"), WRITTEN)
def test_a_fix_writes_this_and_no_more(code: str, safe: bool, before: str, after: str) -> None:
    version = code not in NEEDS_A_VERSION
    text, wanted = (policy(settings, version=version) for settings in (before, after))
    assert offered(code, text, unsafe=True)[0] is safe
    assert offered(code, text, unsafe=False)[:1] == [True] * safe
    result = mended(text, unsafe=not safe)
    assert code in codes(result)
    assert result.content.decode() == wanted


@pytest.mark.parametrize(("code", "settings"), NOT_WRITTEN)
def test_what_has_no_one_answer_is_left_alone(code: str, settings: str) -> None:
    text = policy(settings, version=code not in NEEDS_A_VERSION)
    assert offered(code, text, unsafe=True) == []
    result = mended(text, unsafe=True)
    assert result.content.decode() == text
    assert code in left(result)


def test_every_code_is_decided_on() -> None:
    assert list(ENTRIES) == list(CATALOGUE)


@pytest.mark.parametrize("code", ENTRIES)
def test_what_an_entry_says_is_what_it_does(code: str) -> None:
    entry = ENTRIES[code]
    tried = {safe for tested, safe, *_ in WRITTEN if tested == code}
    assert tried == {safe for safe, said in ((True, entry.safe), (False, entry.unsafe)) if said}
    assert entry.why


def rows(entries: dict[str, Entry]) -> Iterator[str]:
    """The rows that the document has to have."""
    for code, entry in entries.items():
        if entry.safe or entry.unsafe:
            yield f"| `{code}` | {entry.safe} | {entry.unsafe} | {entry.why} |"
        else:
            yield f"| `{code}` | {entry.why} |"


def test_the_document_has_the_table() -> None:
    documented = [
        line
        for line in DOCUMENT.read_text("utf-8").splitlines()
        if line.startswith("| `") and "`--" not in line.split(" | ")[0]
    ]
    assert sorted(documented) == sorted(rows(dict(ENTRIES)))
