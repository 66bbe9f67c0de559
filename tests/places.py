"""What every kind of diagnostic points at, in every format: sources with the place marked in them.

``⟦`` and ``⟧`` stand around the stretch that is meant and are taken out before the
source is read; where nothing is marked, the file as a whole is meant.
"""

from dataclasses import dataclass

from policyconsole.loading.formats import Format

TOML, YAML, JSON = Format.TOML, Format.YAML, Format.JSON

_HEAD = {
    TOML: 'id = "p"\nname = "n"\nversion = "1.0.0"\n',
    YAML: 'id: p\nname: n\nversion: "1.0.0"\n',
    JSON: '{"id": "p", "name": "n", "version": "1.0.0",\n',
}
_TAIL = {TOML: "", YAML: "", JSON: "}"}


@dataclass(frozen=True, slots=True)
class Case:
    """A source with its marks, and the code, field and words of the finding that they are about."""

    format: Format
    code: str
    field: str | None
    marked: str
    words: str = ""


def _policy(form: Format, code: str, field: str | None, body: str, words: str = "") -> Case:
    """Make a case of what comes after id, name and version."""
    return Case(form, code, field, _HEAD[form] + body + _TAIL[form], words)


_TLS = "security.tls.min_version"
_BURST = "security.rate_limiting.burst_size"
_SUITES = "security.tls.cipher_suites"
_MFA = "authentication.require_mfa"
_LEVEL = "monitoring.log_level"

PLACES: dict[str, tuple[Case, ...]] = {
    "value": (
        _policy(TOML, "SEC003", _TLS, '[security.tls]\nmin_version = ⟦"TLSv1.0"⟧ # old\n'),
        _policy(YAML, "SEC003", _TLS, "security:\n  tls:\n    min_version: ⟦TLSv1.0⟧ # old\n"),
        _policy(JSON, "SEC003", _TLS, '"security": {"tls": {"min_version": ⟦"TLSv1.0"⟧}}'),
        _policy(TOML, "TYPE001", "created_at", "created_at = ⟦07:32⟧"),
        _policy(TOML, "SYNTAX005", "created_at", "created_at = ⟦2026-01-02 03:04Z⟧\nupdated_at = 2026-01-01T00:00:00Z\n"),
        _policy(TOML, "TYPE002", "custom.x", "custom.x = ⟦-inf⟧"),
        _policy(YAML, "TYPE002", "custom.x", "custom: {x: ⟦-.inf⟧}"),
        _policy(JSON, "PARSE001", None, '"custom": {"x": ⟦-Infinity⟧}'),
    ),
    "value below its key": (
        _policy(YAML, "SEC003", _TLS, 'security:\n  tls:\n    min_version:\n      # old\n      ⟦"TLSv1.0"⟧\n'),
        _policy(YAML, "SEC003", _TLS, "security:\n  tls:\n    ? min_version\n    : ⟦TLSv1.0⟧\n"),
        _policy(JSON, "SEC003", _TLS, '"security":\n{"tls":\n{"min_version"\n:\n⟦"TLSv1.0"⟧\n}}'),
    ),
    "null": (
        _policy(YAML, "TYPE001", "security", "⟦security⟧:\nmonitoring: {}\n"),
        _policy(YAML, "TYPE001", "security", "⟦security⟧: &s # none\nmonitoring: {}\n"),
        _policy(YAML, "TYPE001", "security", "security: ⟦~⟧\n"),
        _policy(JSON, "TYPE001", "security", '"security": ⟦null⟧'),
    ),
    "table or list where neither may be": (
        _policy(TOML, "TYPE001", "security", "[[⟦security⟧]]\nenabled = true\n"),
        _policy(TOML, "TYPE001", "description", "⟦description⟧ = { a = 1 }\n"),
        _policy(YAML, "TYPE001", "description", "⟦description⟧:\n  a: 1\n"),
        _policy(JSON, "TYPE001", "description", '⟦"description"⟧: {"a": 1}'),
        _policy(TOML, "TYPE001", "description", 'description = ⟦[\n "a", # ]\n]⟧ # c\n'),
        _policy(YAML, "TYPE001", "description", "description:\n  ⟦- a\n  - - b⟧ # c\n\n# d\nmonitoring: {}\n"),
        _policy(JSON, "TYPE001", "description", '"description": ⟦["a",\n ["]"]]⟧'),
    ),
    "unknown field": (
        _policy(TOML, "FIELD001", "security.tsl", "[security.⟦tsl⟧]\nenforce = true\n"),
        _policy(TOML, "FIELD001", "securty", "[⟦securty⟧.tls]\nenforce = true\n"),
        _policy(TOML, "FIELD001", "rules", '[[⟦rules⟧]]\nname = "a"\n[[rules]]\nname = "b"\n'),
        _policy(YAML, "FIELD001", "security.tsl", "security:\n  ⟦tsl⟧:\n    enforce: true\n"),
        _policy(YAML, "FIELD001", "tsl", "? ⟦tsl⟧\n: {enforce: true}\n"),
        _policy(JSON, "FIELD001", "security.tsl", '"security": {⟦"tsl"⟧: {"enforce": true}}'),
    ),
    "key in quotes, with a dot in it": (
        _policy(TOML, "FIELD001", 'security."tls.enforce"', '[security]\n⟦"tls.enforce"⟧ = true\n'),
        _policy(TOML, "FIELD001", '"a.b"', "[⟦'a.b'⟧.c]\nd = 1\n"),
        _policy(TOML, "FIELD001", '"A.B"', '⟦"\\x41.\\u0042"⟧ = 1\n'),
        _policy(YAML, "FIELD001", 'security."tls.enforce"', "security: {⟦tls.enforce⟧: true}\n"),
        _policy(YAML, "FIELD001", '"a.b"', "⟦'a.b'⟧: {c: 1}\n"),
        _policy(JSON, "FIELD001", '"a.b"', '⟦"\\u0061.b"⟧: {"c": 1}'),
        _policy(TOML, "TYPE002", 'custom."a.b"[1]', 'custom."a.b" = [0, ⟦nan⟧]\n'),
        _policy(YAML, "TYPE002", 'custom."a.b"[1]', "custom: {a.b: [0, ⟦.nan⟧]}\n"),
        _policy(JSON, "FIELD001", '""', '⟦""⟧: 1'),
    ),
    "missing field": (
        Case(TOML, "TYPE003", "name", '⟦⟧# c\nid = "p"\nversion = "1.0.0"\n[security]\n'),
        Case(YAML, "TYPE003", "name", "⟦⟧# c\nid: p\nversion: 1.0.0\nsecurity: {}\n"),
        Case(JSON, "TYPE003", "name", '⟦⟧\n{"id": "p", "version": "1.0.0", "security": {}}'),
        _policy(TOML, "SEC005", _BURST, "[⟦security.rate_limiting⟧]\nrequests_per_minute = 10\n"),
        _policy(TOML, "SEC005", _BURST, "[security]\n⟦rate_limiting⟧.requests_per_minute = 10\n"),
        _policy(TOML, "SEC005", _BURST, "security = { ⟦rate_limiting⟧ = { requests_per_minute = 10 } }\n"),
        _policy(YAML, "SEC005", _BURST, "security:\n  ⟦rate_limiting⟧:\n    requests_per_minute: 10\n"),
        _policy(JSON, "SEC005", _BURST, '"security": {⟦"rate_limiting"⟧: {"requests_per_minute": 10}}'),
        _policy(TOML, "LOGIC009", _MFA, "[security]\nenabled = false\n[⟦authentication⟧]\n[authentication.x]\n"),
        _policy(YAML, "LOGIC009", _MFA, "security: {enabled: false}\n⟦authentication⟧: {}\n"),
        _policy(JSON, "LOGIC009", _MFA, '"security": {"enabled": false}, ⟦"authentication"⟧: {}'),
    ),
    "missing table": (
        Case(TOML, "LOGIC009", _MFA, "⟦⟧" + _HEAD[TOML] + "[security]\nenabled = false\n"),
        Case(YAML, "LOGIC009", _MFA, "⟦⟧" + _HEAD[YAML] + "security: {enabled: false}\n"),
        Case(JSON, "LOGIC009", _MFA, "⟦⟧" + _HEAD[JSON] + '"security": {"enabled": false}}'),
    ),
    "key twice": (
        _policy(TOML, "PARSE002", "custom.x", "[custom]\nx = 1\n⟦x⟧ = 2\n", "custom.x is there twice: first on line 5"),
        _policy(YAML, "PARSE002", "custom.x", "custom:\n  x: 1\n  ⟦x⟧: 2\n", "custom.x is there twice: first on line 5"),
        _policy(JSON, "PARSE002", "custom.x", '"custom": {"x": 1,\n⟦"\\u0078"⟧: 2}', "custom.x is there twice: first on line 2"),
        _policy(TOML, "PARSE002", "custom", "[custom]\nx = 1\n[⟦custom⟧]\n", "first on line 4"),
        _policy(TOML, "PARSE002", "a.b", "[a.b.c]\n[a.b]\n[a.⟦b⟧]\n", "first on line 5"),
        _policy(TOML, "PARSE002", "a", "[a]\n[[⟦a⟧]]\n", "first on line 4"),
        _policy(TOML, "PARSE002", "custom.x", "custom = {\n x = 1,\n # again\n ⟦x⟧ = 2 }\n", "first on line 5"),
        _policy(TOML, "PARSE002", 'custom."x.y".z', "custom.'x.y'.z = 1\ncustom.\"x.y\".⟦z⟧ = 1\n", "first on line 4"),
        _policy(TOML, "PARSE002", "custom.x[1].y", "custom.x = [{ y = 1 }, { y = 1, ⟦y⟧ = 2 }]\n", "first on line 4"),
        _policy(YAML, "PARSE002", "custom.x[1].y", "custom:\n  x:\n  - y: 1\n  - y: 1\n    ⟦'y'⟧: 2\n", "first on line 7"),
        _policy(JSON, "PARSE002", "custom.x[1].y", '"custom": {"x": [{"y": 1},\n{"y": 1,\n⟦"y"⟧: 2}]}', "first on line 3"),
        _policy(YAML, "PARSE002", 'custom."<<"', "custom:\n  <<: {a: 1}\n  ⟦<<⟧: {b: 1}\n", "first on line 5"),
        _policy(TOML, "PARSE001", None, "custom.x = 1\ncustom.⟦x⟧.y = 2\n", "custom.x has its value on line 4"),
    ),
    "dotted key": (
        _policy(TOML, "SEC003", _TLS, 'security . tls . min_version = ⟦"TLSv1.0"⟧\n'),
        _policy(TOML, "FIELD001", "security.tls.min_versoin", "[security]\ntls.⟦min_versoin⟧ = 1\n"),
        _policy(TOML, "FIELD001", "security.tsl", "security.⟦tsl⟧.min_version = 1\n"),
    ),
    "inline table": (
        _policy(TOML, "SEC003", _TLS, 'security = { tls = { enforce = true, min_version = ⟦"TLSv1.0"⟧ } }\n'),
        _policy(TOML, "SEC003", _TLS, 'security.tls = {\n  # old\n  min_version = ⟦"\\x41"⟧,\n}\n'),
        _policy(TOML, "FIELD001", "security.tls.x", "security = { tls.enforce = true, tls.⟦x⟧ = 1 }\n"),
        _policy(YAML, "SEC003", _TLS, "security: {tls: {enforce: true, min_version: ⟦TLSv1.0⟧}}\n"),
    ),
    "array of tables": (
        _policy(TOML, "TYPE002", "custom.r[1].x", "[[custom.r]]\nx = 1\n[[custom.r]]\nx = ⟦nan⟧\n"),
        _policy(TOML, "TYPE002", "custom.r[0].s[1].x", "[[custom.r]]\n[[custom.r.s]]\n[[custom.r.s]]\nx = ⟦nan⟧\n[[custom.r]]\n"),
        _policy(TOML, "TYPE002", "custom.r[1].s.x", "[[custom.r]]\n[[custom.r]]\n[custom.r.s]\nx = ⟦nan⟧\n"),
        _policy(TOML, "TYPE001", _SUITES + "[1]", "[[security.tls.cipher_suites]]\n[[⟦security.tls.cipher_suites⟧]]\nx = 1\n"),
        _policy(YAML, "TYPE002", "custom.r[1].x", "custom:\n  r:\n  - x: 1\n  - x: ⟦.nan⟧\n"),
        _policy(JSON, "PARSE001", None, '"custom": {"r": [{"x": 1}, {"x": ⟦NaN⟧}]}'),
    ),
    "list item": (
        _policy(TOML, "TYPE001", _SUITES + "[1]", 'security.tls.cipher_suites = [ "[,#", ⟦1⟧ ]\n'),
        _policy(TOML, "TYPE001", _SUITES + "[1]", "security.tls.cipher_suites = [\n  'a', # b\n  # c\n  ⟦{ x = [ 1 ] }⟧,\n]\n"),
        _policy(YAML, "TYPE001", _SUITES + "[1]", "security: {tls: {cipher_suites: [a, ⟦1⟧]}}\n"),
        _policy(YAML, "TYPE001", _SUITES + "[1]", "security:\n  tls:\n    cipher_suites:\n    - a\n    # c\n    - ⟦x: 1\n      y:\n      - 2⟧ # d\n    - b\n"),
        _policy(JSON, "TYPE001", _SUITES + "[1]", '"security": {"tls": {"cipher_suites": ["]", ⟦1⟧]}}'),
        _policy(JSON, "TYPE001", _SUITES + "[1]", '"security": {"tls": {"cipher_suites": ["a", ⟦{"x": [1]}⟧, "b"]}}'),
        _policy(JSON, "TYPE001", _SUITES + "[1]", '"security": {"tls": {"cipher_suites": [{}, ⟦[[]]⟧]}}'),
    ),
    "anchor": (
        _policy(YAML, "SEC003", _TLS, "security:\n  tls: &t\n    min_version: &v ⟦TLSv1.0⟧\n"),
        _policy(YAML, "SEC003", _TLS, 'security:\n  tls:\n    min_version: !!str # t\n      &v ⟦"TLSv1.0"⟧\n'),
        _policy(YAML, "SEC003", _TLS, "custom: {v: &v ⟦TLSv1.0⟧}\nsecurity: {tls: {min_version: *v}}\n"),
        _policy(YAML, "TYPE001", _SUITES, 'security: {tls: {cipher_suites: &c ⟦"a"⟧}}\n'),
        _policy(YAML, "FIELD001", "tsl", "&k ⟦tsl⟧: 1\n"),
        _policy(YAML, "SEC005", _BURST, "custom: {l: &l {requests_per_minute: 10}}\nsecurity:\n  ⟦rate_limiting⟧: *l\n"),
        _policy(YAML, "TYPE001", "description", "custom: {v: &v a}\ndescription:\n  ⟦- *v\n  - *v⟧ # *v\n\n# *v\nauthentication: {}\n"),
        _policy(YAML, "TYPE001", "description", "description:\n  ⟦- &v a\n  - b: *v⟧ # *v\n"),
        _policy(YAML, "PARSE003", None, "custom: &c\n  ⟦- - *c⟧\n"),
        _policy(YAML, "PARSE003", None, "custom: &c\n  ⟦- *c⟧ # d\n"),
    ),
    "merge": (
        _policy(YAML, "SEC003", _TLS, "custom: {t: &t {min_version: ⟦TLSv1.0⟧}}\nsecurity: {tls: {<<: *t}}\n"),
        _policy(YAML, "SEC003", _TLS, "custom: {t: &t {min_version: a}}\nsecurity: {tls: {<<: *t, min_version: ⟦TLSv1.0⟧}}\n"),
        _policy(YAML, "FIELD001", "security.tls.x", "custom: {t: &t {⟦x⟧: 1}, u: &u {y: 1}}\nsecurity: {tls: {<<: [*t, *u]}}\n"),
        _policy(YAML, "SEC005", _BURST, "custom: {l: &l {requests_per_minute: 10}}\nsecurity:\n  ⟦rate_limiting⟧:\n    <<: *l\n"),
        _policy(YAML, "TYPE001", None, "security:\n  <<:\n    ⟦- a⟧ # b\n", "<< merges mappings"),
    ),
    "text of several lines": (
        _policy(TOML, "TYPE002", _LEVEL, 'monitoring.log_level = ⟦"""\na\\\n  "" b\\""""⟧ # c\n'),
        _policy(TOML, "TYPE002", _LEVEL, 'monitoring.log_level = ⟦"""\n"a""""⟧ # c\n'),
        _policy(TOML, "TYPE002", _LEVEL, "monitoring.log_level = ⟦'''\n[x]\n# y \\''''⟧ # c\n"),
        _policy(TOML, "FIELD001", "tsl", 'description = """\ntsl = 1\n[tsl]"""\n⟦tsl⟧ = 1\n'),
        _policy(YAML, "TYPE002", _LEVEL, "monitoring:\n  log_level: ⟦|\n    a\n\n    # b⟧\n\n  # c\n  enabled: true\n"),
        _policy(YAML, "TYPE002", _LEVEL, "monitoring:\n  log_level: ⟦>-  # folded\n    a\n    b⟧\n# c\n"),
        _policy(YAML, "TYPE002", _LEVEL, "monitoring:\n  log_level: ⟦a\n    b⟧ # c\n"),
        _policy(YAML, "TYPE002", _LEVEL, "monitoring: {log_level: ⟦'a''\n\n    b'⟧}\n"),
        _policy(YAML, "TYPE002", _LEVEL, 'monitoring: {log_level: ⟦"a\\\n   \\"b"⟧}\n'),
        _policy(YAML, "FIELD001", "tsl", "description: |\n  tsl: 1\n⟦tsl⟧: 1\n"),
        _policy(JSON, "PARSE001", None, '"description": "a\\nb⟦⟧\n"'),
    ),
    "tab": (
        _policy(TOML, "TYPE002", _LEVEL, '\t[monitoring]\n\t\tlog_level\t=\t⟦"a\tb"⟧\t# c\n'),
        _policy(YAML, "TYPE002", _LEVEL, "monitoring:\t{log_level:\t⟦'a\tb'⟧\t}\n"),
        _policy(JSON, "TYPE002", _LEVEL, '\t"monitoring"\t:\t{\t"log_level"\t:\t⟦"a"⟧\t}'),
        _policy(YAML, "PARSE001", None, "monitoring:\n⟦\t⟧log_level: info\n"),
        _policy(JSON, "PARSE001", None, '"description": "a⟦\t⟧b"'),
    ),
    "emoji and combining characters": (
        _policy(TOML, "TYPE002", _LEVEL, 'monitoring = { "👩‍👧e\u0301" = "🎉", log_level = ⟦"e\u0301🎉"⟧ }\n'),
        _policy(YAML, "TYPE002", _LEVEL, 'monitoring: {"👩‍👧e\u0301": "🎉", log_level: ⟦e\u0301🎉⟧}\n'),
        _policy(JSON, "TYPE002", _LEVEL, '"monitoring": {"👩‍👧e\u0301": "🎉\\ud83d\\ude00", "log_level": ⟦"e\u0301🎉"⟧}'),
        _policy(TOML, "FIELD001", '"🎉"', 'description = "🎉" # 🎉\n⟦"🎉"⟧ = 1\n'),
        _policy(YAML, "FIELD001", '"🎉"', "# 🎉\n⟦🎉⟧: 1\n"),
        _policy(JSON, "PARSE001", None, '"🎉e\u0301" ⟦1⟧'),
        _policy(TOML, "PARSE001", None, 'description = "🎉e\u0301" ⟦x⟧\n'),
        _policy(YAML, "PARSE001", None, "description: 🎉e\u0301⟦:⟧ d\n"),
        _policy(YAML, "PARSE002", '"🎉"', "🎉: 1\n⟦🎉⟧: 2\n", "first on line 4"),
    ),
    "nothing in it": (
        Case(TOML, "FILE004", None, "# c\n"),
        Case(YAML, "FILE004", None, "--- # c\n...\n"),
        Case(JSON, "FILE004", None, " \n"),
        Case(JSON, "TYPE003", "id", "⟦⟧\n{}"),
        Case(YAML, "TYPE003", "id", "⟦⟧--- {}\n"),
    ),
    "no table": (
        Case(YAML, "TYPE001", None, "⟦⟧- a\n"),
        Case(JSON, "TYPE001", None, "⟦⟧[1]"),
    ),
}  # fmt: skip
"""By what is pointed at; the lines that words name count from the top of the source."""
