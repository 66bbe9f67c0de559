"""The rules beyond the report's 32: what each is, when it reports, and when it is silent.

As in test_rules.py, which runs them: the table is copied by hand, never built from the catalogue.
SEC014 is about the file, not about what it says: test_exposure.py has it.
"""

TABLE = [
    ("LOGIC011", "error", "medium", "standard", "security.encryption.key_size"),
    ("LOGIC012", "error", "high", "standard", "security.tls.cipher_suites"),
    ("LOGIC013", "warning", "", "standard", "security.tls.cipher_suites"),
    ("SEC007", "error", "high", "strict", "security.encryption.algorithm"),
    ("SEC008", "warning", "", "strict", "security.encryption.algorithm"),
    ("SEC009", "error", "high", "strict", "security.tls.cipher_suites"),
    ("SEC010", "warning", "", "strict", "security.tls.cipher_suites"),
    ("SEC011", "warning", "", "strict", "security.tls.cipher_suites"),
    ("SEC012", "error", "high", "strict", None),
    ("SEC013", "warning", "", "strict", None),
    ("ENV006", "error", "high", "custom", "security.tls.enforce"),
    ("ENV007", "error", "medium", "custom", "security.rate_limiting.enabled"),
    ("ENV008", "error", "medium", "custom", "monitoring.alerts_enabled"),
    ("ENV009", "error", "critical", "custom", "authentication.method"),
    ("ENV010", "error", "high", "custom", "authentication.method"),
    ("ENV011", "warning", "", "custom", "authentication.session_timeout_seconds"),
    ("REC005", "recommendation", "security", "basic", "security.encryption.pbkdf2_iterations"),
    ("REC006", "recommendation", "security", "basic", "security.encryption.algorithm"),
    ("REC007", "recommendation", "security", "basic", "authentication.session_timeout_seconds"),
]

FOUND_AT = {
    "LOGIC013": "security.tls.cipher_suites[1]",
    "SEC009": "security.tls.cipher_suites[0]",
    "SEC010": "security.tls.cipher_suites[0]",
    "SEC011": "security.tls.cipher_suites[0]",
    "SEC012": "custom.upstream",
    "SEC013": "custom.api_key",
}
"""Where the first case of a rule is found, for those that say it more exactly than their entry."""

PRODUCTION = "custom.environment = 'production'\n"
STAGING = "custom.environment = 'staging'\n"
SECURITY_OFF = "security.enabled = false\n"
ENCRYPTION_OFF = "security.encryption.enabled = false\n"
NOT_ENFORCED = "security.tls.enforce = false\n"
TLS_1_2 = "security.tls.min_version = 'TLSv1.2'\n"
STRICT = "custom.compliance_mode = 'strict'\n"

_ALGORITHM = "security.encryption.algorithm = '{}'\n"
_SUITES = "security.tls.cipher_suites = {}\n"


def named(algorithm: str) -> str:
    """A policy with this encryption algorithm."""
    return _ALGORITHM.format(algorithm)


def suites(*names: str) -> str:
    """A policy with these cipher suites."""
    return _SUITES.format(list(names))


def sized(algorithm: str, key_size: int) -> str:
    """A policy with this encryption algorithm and this key size."""
    return f"{named(algorithm)}security.encryption.key_size = {key_size}\n"


OLD_SUITE = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
NEW_SUITE = "TLS_AES_128_GCM_SHA256"

# What makes each rule report; the first of each list is its plainest case.
REPORTED = {
    "LOGIC011": [
        sized("AES-128-GCM", 256),
        sized("AES-256-GCM", 128),
        sized("aes192-ctr", 256),
        sized("A128GCM", 256),
        sized("AES-256-XTS", 384),
        sized("A128CBC-HS256", 192),
        named("AES-128-GCM"),
    ],
    "LOGIC012": [
        suites(OLD_SUITE),
        suites("ECDHE-RSA-AES128-GCM-SHA256"),
        suites(OLD_SUITE, "TLS_RSA_WITH_NULL_SHA"),
    ],
    "LOGIC013": [
        suites(NEW_SUITE, OLD_SUITE),
        suites(OLD_SUITE, NEW_SUITE),
        suites(OLD_SUITE, "neither"),
    ],
    "SEC007": [
        named("DES"),
        *map(
            named,
            [
                "3DES",
                "des-ede3-cbc",
                "DESede/CBC/PKCS5Padding",
                "TripleDES",
                "TDEA",
                "RC4",
                "arc4",
                "rc2-40-cbc",
                "Blowfish",
                "BF-CBC",
                "IDEA",
                "AES-256-ECB",
                "aes/ecb/pkcs5padding",
                "none",
                "NULL",
                "plaintext",
            ],
        ),
    ],
    "SEC008": [*map(named, ["ASE-256-GCM", "ROT13", "military-grade", "", "design"])],
    "SEC009": [
        TLS_1_2 + suites("TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        *(
            TLS_1_2 + suites(name)
            for name in [
                "TLS_RSA_WITH_NULL_SHA256",
                "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
                "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
                "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
                "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
                "TLS_RSA_WITH_DES_CBC_SHA",
                "TLS_KRB5_EXPORT_WITH_RC2_CBC_40_SHA",
                "TLS_SHA256_SHA256",
                "DES-CBC3-SHA",
                "RC4-SHA",
                "NULL-SHA",
                "ADH-AES128-SHA",
                "AECDH-AES256-SHA",
                "EXP-RC4-MD5",
                "DHE-DSS-RC4-SHA",
            ]
        ),
        SECURITY_OFF + TLS_1_2 + suites("RC4-SHA"),
    ],
    "SEC010": [
        TLS_1_2 + suites("TLS_RSA_WITH_AES_128_GCM_SHA256"),
        TLS_1_2 + suites("AES256-GCM-SHA384"),
        TLS_1_2 + suites("TLS_DH_RSA_WITH_AES_128_GCM_SHA256"),
        TLS_1_2 + suites("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"),
        TLS_1_2 + suites("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256"),
    ],
    "SEC011": [
        suites("TLS_AES_256_GCM_SHA348"),
        suites("tls_aes_256_gcm_sha384"),
        suites("HIGH:!aNULL:!MD5"),
        suites("TLS_FALLBACK_SCSV"),
        suites("any"),
        suites(""),
    ],
    "SEC012": [
        "custom.upstream = 'postgres://policy:Ahh9eiK3@db.example.com/policies'",
        "custom.note = 'AKIAQWERTYUIOPASDFGH'",
        f"description = 'the token is ghp_{'a1B2' * 9} for now'",
        f"custom.list = ['x', 'glpat-{'a1B2c' * 4}']",
        f"custom.deep = [{{ keys = {{ google = 'AIza{'a1B2c' * 7}' }} }}]",
        f"authentication.webhook = 'xoxb-123456789012-{'a1B2' * 6}'",
        f"security.tls.note = 'sk_live_{'a1B2' * 6}'",
        f"custom.jwt = 'eyJ{'a1B2' * 5}.eyJ{'a1B2' * 5}.{'a1B2' * 10}'",
        "custom.pem = '''\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'''",
    ],
    "SEC013": [
        "custom.api_key = 'q8Zr5Vw2Tn7Kc4Xb'",
        "custom.dbPassword = 'Sommer2024!'",
        "custom.password = 'hunter22'",
        "authentication.client_secret = '9f86d081884c7d659a2feaa0c55ad015'",
        "client_secret = '9f86d081884c7d659a2feaa0c55ad015'",
        "custom.oauth.tokens = ['q8Zr5Vw2Tn7Kc4Xb']",
        "custom.'a key'.secret = 'q8Zr5Vw2Tn7Kc4Xb'",
    ],
    "ENV006": [PRODUCTION + NOT_ENFORCED],
    "ENV007": [PRODUCTION + "security.rate_limiting.enabled = false"],
    "ENV008": [
        PRODUCTION + "monitoring.alerts_enabled = false",
        PRODUCTION + "monitoring.enabled = false",
    ],
    "ENV009": [
        PRODUCTION + "authentication.method = 'none'",
        PRODUCTION + "authentication.enabled = false",
    ],
    "ENV010": [
        PRODUCTION + NOT_ENFORCED + "authentication.method = 'basic'",
        PRODUCTION + SECURITY_OFF + "authentication.method = 'basic'",
    ],
    "ENV011": [PRODUCTION + "authentication.session_timeout_seconds = 43201"],
    "REC005": [
        "security.encryption.pbkdf2_iterations = 599999",
        "security.encryption.pbkdf2_iterations = 100000",
    ],
    "REC006": [
        named("AES-256-CBC"),
        *map(named, ["aes-256-ctr", "AES", "AES256", "ChaCha20", "CAMELLIA-256-OFB", "SM4-CBC"]),
    ],
    "REC007": [STRICT + "authentication.session_timeout_seconds = 901"],
}

# Just on the right side of each rule, and with the switch off that it depends on.
SILENT = {
    "LOGIC011": [
        "",
        sized("AES-128-GCM", 128),
        sized("aes192-ctr", 192),
        sized("AES-256-XTS", 512),
        sized("A128CBC-HS256", 256),
        sized("A256CBC-HS512", 512),
        sized("AES-256-CBC-HMAC-SHA512", 512),
        sized("RSA-4096-AES-256-GCM", 256),
        sized("RSA-4096-AES-256-GCM", 4096),
        sized("ChaCha20-Poly1305", 128),
        sized("RSA-OAEP-256", 2048),
        SECURITY_OFF + sized("AES-128-GCM", 256),
        ENCRYPTION_OFF + sized("AES-128-GCM", 256),
    ],
    "LOGIC012": [
        "",
        suites(NEW_SUITE),
        suites(NEW_SUITE, OLD_SUITE),
        suites("neither"),
        suites("TLS_SM4_GCM_SM3"),
        suites("TLS_GOSTR341112_256_WITH_MAGMA_MGM_L"),
        TLS_1_2 + suites(OLD_SUITE),
        NOT_ENFORCED + suites(OLD_SUITE),
        SECURITY_OFF + suites(OLD_SUITE),
    ],
    "LOGIC013": [
        "",
        suites(OLD_SUITE),  # LOGIC012's
        TLS_1_2 + suites(NEW_SUITE, OLD_SUITE),
        NOT_ENFORCED + suites(NEW_SUITE, OLD_SUITE),
        SECURITY_OFF + suites(NEW_SUITE, OLD_SUITE),
    ],
    "SEC007": [
        "",
        *map(
            named,
            [
                "AES-256-GCM",
                "aes256-gcm@openssh.com",
                "AES/GCM/NoPadding",
                "A256GCM",
                "ChaCha20-Poly1305",
                "XChaCha20-Poly1305",
                "AES-256-CBC",
                "modes",
                "ideal",
                "Codebook",
            ],
        ),
        SECURITY_OFF + named("DES"),
        ENCRYPTION_OFF + named("DES"),
    ],
    "SEC008": [
        "",
        *map(
            named,
            [
                "aes256-gcm@openssh.com",
                "AES/GCM/NoPadding",
                "A128CBC-HS256",
                "A256GCMKW",
                "id-aes256-GCM",
                "chacha20-poly1305@openssh.com",
                "SM4-GCM",
                "AEGIS-256",
                "RSA-OAEP-256",
                "DES",
            ],
        ),
        SECURITY_OFF + named("ROT13"),
        ENCRYPTION_OFF + named("ROT13"),
    ],
    "SEC009": [
        "",
        TLS_1_2 + suites(OLD_SUITE, "TLS_RSA_WITH_AES_128_GCM_SHA256", "DHE-RSA-AES128-SHA"),
        TLS_1_2 + suites("DESIRABLE", "ANONYMOUS"),
        NOT_ENFORCED + suites("RC4-SHA"),
    ],
    "SEC010": [
        "",
        TLS_1_2 + suites(OLD_SUITE, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
        TLS_1_2 + suites("RC4-SHA", "TLS_DH_anon_WITH_AES_128_GCM_SHA256"),  # SEC009's
        NOT_ENFORCED + suites("TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ],
    "SEC011": [
        "",
        suites(NEW_SUITE, "TLS_AES_128_CCM_8_SHA256", "TLS_SM4_GCM_SM3"),
        TLS_1_2 + suites(OLD_SUITE, "ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA", "RC4-SHA"),
        suites("DHE-DSS-RC4-SHA"),  # not registered, but SEC009's
        NOT_ENFORCED + suites("neither"),
    ],
    "SEC012": [
        "description = 'Tokens begin with ghp_ or AKIA, keys with -----BEGIN PUBLIC KEY-----'",
        "custom.upstream = 'postgres://policy@db.example.com/policies'",
        "custom.upstream = 'postgres://policy:${PASSWORD}@db.example.com/policies'",
        "custom.upstream = 'postgres://policy:***@db.example.com/policies'",
        "custom.upstream = 'postgres://policy:xxxxx@db.example.com/policies'",
        "custom.upstream = 'postgres://policy:REDACTED@db.example.com/policies'",
        "custom.upstream = 'postgres://USER:PASSWORD@db.example.com/policies'",
        "custom.upstream = 'https://example.com:8443/a@b'",
        "custom.docs = 'AKIAIOSFODNN7EXAMPLE'",
        "custom.session = 'eyJhbGciOiJIUzI1NiJ9'",
    ],
    "SEC013": [
        "custom.api_key = '${GATEWAY_API_KEY}'",
        "custom.api_key = 'env:GATEWAY_API_KEY_2'",
        "custom.api_key = 'vault:secret/data/gateway#k3y4api5'",
        "custom.api_key = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:gw-a1B2c3'",
        "custom.api_key = '/run/secrets/gateway1a2b3c4d'",
        "custom.api_key = 'X-API-Key'",
        "custom.api_key = 'changeme-1a2b3c4d5e'",
        "custom.api_key = 'short1'",
        "custom.token = 'jwt-bearer'",
        "custom.token_type = 'q8Zr5Vw2Tn7Kc4Xb'",
        "custom.secret_name = 'q8Zr5Vw2Tn7Kc4Xb'",
        "custom.secret = 'db-credentials-7f9c8d'",
        "custom.signing_key = 'prod-key-2026'",
        "custom.signing_key = 'ssh-ed25519'",
        "custom.password = 'required'",
        "custom.password = 'argon2id-v19'",
        "custom.password = '$2b$12$abcdefghijklmnopqrstuv'",
        "custom.password = 'changed every 90 days'",
        "custom.password_min_length = 12",
        "custom.build = 'q8Zr5Vw2Tn7Kc4Xb'",
        f"custom.token = 'ghp_{'a1B2' * 9}'",  # SEC012's
    ],
    "ENV006": [
        PRODUCTION,
        STAGING + NOT_ENFORCED,
        NOT_ENFORCED,
        PRODUCTION + SECURITY_OFF + NOT_ENFORCED,
    ],
    "ENV007": [
        PRODUCTION,
        STAGING + "security.rate_limiting.enabled = false",
        PRODUCTION + SECURITY_OFF + "security.rate_limiting.enabled = false",
    ],
    "ENV008": [
        PRODUCTION,
        STAGING + "monitoring.alerts_enabled = false",
        STAGING + "monitoring.enabled = false",
    ],
    "ENV009": [
        PRODUCTION,
        PRODUCTION + "authentication.method = 'basic'",
        STAGING + "authentication.method = 'none'",
        STAGING + "authentication.enabled = false",
    ],
    "ENV010": [
        PRODUCTION + "authentication.method = 'basic'",
        PRODUCTION + NOT_ENFORCED + "authentication.method = 'jwt'",
        STAGING + NOT_ENFORCED + "authentication.method = 'basic'",
        PRODUCTION + NOT_ENFORCED + "authentication = { method = 'basic', enabled = false }",
    ],
    "ENV011": [
        PRODUCTION + "authentication.session_timeout_seconds = 43200",
        STAGING + "authentication.session_timeout_seconds = 43201",
    ],
    "REC005": [
        "security.encryption.pbkdf2_iterations = 600000",
        "security.encryption.pbkdf2_iterations = 99999",  # REC001's
        SECURITY_OFF + "security.encryption.pbkdf2_iterations = 599999",
    ],
    "REC006": [
        "",
        *map(
            named,
            [
                "AES/GCM/NoPadding",
                "A128CBC-HS256",
                "A256GCMKW",
                "aes-256-cbc-hmac-sha256",
                "AES-256-XTS",
                "fernet",
                "AES-256-ECB",
                "ROT13",
            ],
        ),
        SECURITY_OFF + named("AES-256-CBC"),
        ENCRYPTION_OFF + named("AES-256-CBC"),
    ],
    "REC007": [
        STRICT + "authentication.session_timeout_seconds = 900",
        "custom.compliance_mode = 'standard'\nauthentication.session_timeout_seconds = 901",
        "authentication.session_timeout_seconds = 901",
    ],
}
