"""Secrets: which names say that a value is one, and what is shown instead of it."""

import pytest

from policyconsole.masking import MASK, is_secret, mask, mask_lines


@pytest.mark.parametrize(
    "field",
    [
        "password",
        "custom.db_password",
        "custom.apiKey",
        "custom.api-key",
        "custom.tokens[0]",
        'custom."private key"',
        "custom.credentials.user",
        "custom.DBPassword",
        "custom.AWSSecretAccessKey",
        "custom.X-API-Key",
        "CUSTOM.SIGNING_KEYS",
        "custom.passphrase",
        "custom.password1",
        "custom.dbpassword",
        "custom.secretkey",
        "custom.authtoken",
        "custom.master_key",
        "custom.ssh_key",
        "custom.shared_key",
        "custom.hmac_key",
        "custom.pwd",
        "custom.passcode",
        "custom.bearer",
        "custom.headers.Authorization",
        "custom.clientSecret2",
        "custom.apikey1",
        "custom.session_cookie",
        "custom.cookies[0]",
        "custom.connection_string",
        "custom.connectionString",
        "custom.sentry_dsn",
    ],
)
def test_a_name_that_says_secret_is_one(field: str) -> None:
    assert is_secret(field)


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "path",
        "security.encryption.algorithm",
        "security.encryption.key_size",
        "custom.keyboard",
        "custom.passwordless",
        "custom.secretary",
        "custom.tokenizer",
        "custom.tokenizer_name",
        "custom.passenger",
        "custom.monkey",
        "custom.cookie_max_age",
        "custom.cookie-domain",
        "custom.authorization_endpoint",
        "custom.compliance_mode",
        "custom.environment",
        "security.authentication.method",
        "security.authentication.session_timeout_seconds",
        "security.encryption.pbkdf2_iterations",
        "security.tls.cipher_suites",
        "monitoring.log_level",
    ],
)
def test_a_name_that_only_sounds_like_one_is_none(field: str) -> None:
    assert not is_secret(field)


def test_texts_are_masked_at_any_depth_and_numbers_are_not() -> None:
    value = {"a": ["x", 1], "b": {"c": "y", "d": True}}
    assert mask("custom.secrets", value) == {"a": ["***", 1], "b": {"c": "***", "d": True}}
    assert mask("custom.colours", value) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://user:hunter2@host/db", "postgres://***@host/db"),
        ("see https://hunter2@host and b://u:hun@ter2#@c", "see https://***@host and b://***@c"),
        ("https://host:8443/path@v2?mail=a@b", "https://host:8443/path@v2?mail=a@b"),
        ("https://host?mail=a@b", "https://host?mail=a@b"),
    ],
)
def test_the_user_and_password_of_a_url_are_masked_wherever_it_stands(
    text: str, shown: str
) -> None:
    assert mask("custom.store", [text]) == [shown]
    assert mask_lines([f'store = "{text}"']) == (f'store = "{shown}"',)


def test_a_url_with_the_slashes_escaped_is_masked_too() -> None:
    assert mask_lines([r'"store": "db:\/\/u:hunter2@host"']) == (r'"store": "db:\/\/***@host"',)


def test_the_value_of_authentication_method_is_no_name() -> None:
    assert mask("security.authentication.method", "api_key") == "api_key"
    assert mask_lines(['method = "api_key"']) == ('method = "api_key"',)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password = "x"', "password = ***"),
        ('{"tokens": ["a", "]"], "id": "b"}', '{"tokens": ***, "id": "b"}'),
        ("password: &a !b hunter2", "password: ***"),
        ('password: "a"hunter2"', "password: ***"),
        ('password = "x" # why', "password = *** # why"),
        ("password = 'it''s'", "password = ***"),
        ('custom = {password = "a\\"b", x = 1}', "custom = {password = ***, x = 1}"),
        (
            '{"id":"a","custom":{"password":"x,y","n":1}}',
            '{"id":"a","custom":{"password":***,"n":1}}',
        ),
        ("  api_key: abc, def", "  api_key: ***"),
        ("- token: x", "- token: ***"),
        ("# old password = x", "# old password = ***"),
        ('tokens = ["a", "b"]', "tokens = ***"),
        ('custom."api key" = "x"', 'custom."api key" = ***'),
        ("{token: a b, other: c}", "{token: ***, other: c}"),
        ('password = """one""" # two', "password = *** # two"),
        ('password: "not closed', "password: ***"),
        ('  "password" : "x",', '  "password" : ***,'),
    ],
)
def test_the_value_of_a_secret_in_a_source_line_is_masked(line: str, shown: str) -> None:
    assert mask_lines([line]) == (shown,)


@pytest.mark.parametrize(
    "line", ['min_version = "TLSv1.0"', "[security.tls]", "password =", "", '"tokenizer": "x"']
)
def test_a_source_line_without_a_secret_stays(line: str) -> None:
    assert mask_lines([line]) == (line,)


@pytest.mark.parametrize(
    ("source", "hidden"),
    [
        ('password = """\nhunter2\n"""\nid = "a"', {1, 2}),
        ("private_key: |\n  hunter2\n\n  more\nid: a", {1, 3}),
        ("password:\n  hunter2\nid: a", {1}),
        ("tokens:\n- hunter2\n- other\nid: a", {1, 2}),
        ("secrets:\n  deep:\n    x: hunter2\nid: a", {1, 2}),
        ('tokens = [\n  "hunter2]",\n]\nid = "a"', {1, 2}),
        ('"credentials": {\n  "user": "hunter2"\n},\n"id": "a"', {1, 2}),
        ('"password":\n"hunter2json",\n"id": "a"', {1}),
        ('{"password":\n\n  "hunter2json",\n  "id": "a"}', {2}),
        ('"tokens":\n["hunter2",\n"b"],\n"id": "a"', {1, 2}),
        ("password: 'a\n    it''s b\n    hunter2'\nid: a", {1, 2}),
        ('password: "a\n  b \\" c\n  hunter2"\nid: a', {1, 2}),
        ('password: "a \\\n  hunter2"\nid: a', {1}),
        ('password = """a\n\\"""\nhunter2\n"""\nid = "a"', {1, 2, 3}),
        ("password = '''a\n'' b\nhunter2'''\nid = 'a'", {1, 2}),
        ('tokens = [ # see [1]]\n"hunter2" ]\nid = "a"', {1}),
        ('tokens = ["""\n]\nhunter2"""]\nid = "a"', {1, 2}),
        ("password: '''''''\nhunter2'\nid: a", {1}),
        ("tokens: [it's,\n']',\nhunter2]\nid: a", {1, 2}),
        ("password: a\n  hunter2\nid: a", {1}),
        ("- password: &a\n    hunter2\n  id: a", {1}),
        ("secrets:\n  a: 'x\nhunter2'\nid: a", {1, 2}),
        ("{password: a\n  hunter2}\nid: a", {1}),
        ('{"token": "a\nb", "password": "c\nhunter2"}\nid: a', {1, 2}),
    ],
)
def test_a_secret_over_several_lines_is_masked_to_its_end(source: str, hidden: set[int]) -> None:
    lines = source.split("\n")
    shown = mask_lines(lines)
    assert "hunter2" not in "\n".join(shown)
    assert {number for number, line in enumerate(shown) if line.strip() == "***"} == hidden
    assert shown[-1] == lines[-1]


def test_a_secret_without_a_value_hides_no_other_key() -> None:
    lines = ("password:", "id: a", "token =", "[monitoring]", 'log_level = "info"')
    assert mask_lines(lines) == lines


def test_every_value_of_a_table_named_secret_is_masked_up_to_the_next_table() -> None:
    source = ["[custom.secrets]", 'db = "hunter2"', "[monitoring]", 'log_level = "info"']
    assert mask_lines(source) == (source[0], "db = ***", source[2], source[3])


@pytest.mark.parametrize(
    "line",
    [
        " " * 1_000_000,
        "{" * 1_000_000,
        ',"' * 500_000,
        'password = ["' + '\\"' * 500_000,
        "{" + "password:a," * 200_000,
        "- " * 500_000,
        "a." * 500_000,
        "password: " + "[" * 500_000,
        "password: [" + "a ' " * 250_000,
        "://a:" * 200_000,
        "a://" + "@:" * 500_000 + "/",
        "&! " * 300_000,
        "pass" * 250_000 + ": a",
    ],
    ids=lambda line: line[:12],
)
@pytest.mark.timeout(20)
def test_a_hostile_line_of_a_megabyte_is_masked_without_delay(line: str) -> None:
    assert len(mask_lines((line, line))) == 2


GITHUB_TOKEN = "ghp_" + "a1B2" * 9


def test_a_token_is_masked_under_any_name() -> None:
    assert mask("custom.note", f"use {GITHUB_TOKEN} here") == f"use {MASK} here"
    assert mask_lines([f'note = "{GITHUB_TOKEN}" # db://u:hunter2@host {GITHUB_TOKEN}']) == (
        f'note = "{MASK}" # db://{MASK}@host {MASK}',
    )


def test_a_token_in_the_password_of_a_url_is_masked_with_it() -> None:
    url = f"https://bot:{GITHUB_TOKEN}@example.com/"

    assert mask("custom.url", url) == f"https://{MASK}@example.com/"
    assert mask_lines([url]) == (f"https://{MASK}@example.com/",)


def test_a_private_key_is_masked_to_its_end() -> None:
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"

    lines = [f'note = """{begin}', "MIIEpAIBAAKCAQEA", "  q8Zr5Vw2", end, '"""', "a = 1"]
    assert mask_lines(lines) == ('note = """***', MASK, f"  {MASK}", MASK, '"""', "a = 1")
    assert mask_lines([f'a: "{begin}\\nMIIE\\n{end}"', "b: 1"]) == (f'a: "{MASK}"', "b: 1")
    assert mask("custom.note", f"{begin}\nMIIE\n{end}\nafter") == f"{MASK}\nafter"
    assert mask("custom.note", f"{begin}\nMIIE") == MASK
    assert mask_lines(["-----BEGIN CERTIFICATE-----", "MIIE"])[1] == "MIIE"


@pytest.mark.parametrize(
    "line",
    [
        'custom = { a = 1 password = "hunter2" }',
        'a = "x" password = "hunter2"',
        '{"a": {} "password": "hunter2", "b": 1}',
        "{a: 1 password: hunter2, b: 1}",
        '[custom] password = "hunter2"',
        'a = "x" # password = "hunter2"',
        'store = "Server=db;Password=hunter2;Timeout=5"',
    ],
)
def test_a_secret_is_masked_where_no_key_may_stand(line: str) -> None:
    (shown,) = mask_lines([line])

    assert "hunter2" not in shown
    assert shown.replace(MASK, "") == line.replace('"hunter2"', "").replace("hunter2", "")
