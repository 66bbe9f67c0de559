"""A content mended as ``check --fix`` does it."""

from policyconsole.fixing.repair import Repair, repair
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

REQUIRED = {
    Format.TOML: 'id = "a-policy"\nname = "A policy"\n',
    Format.YAML: "id: a-policy\nname: A policy\n",
    Format.JSON: '{"id": "a-policy", "name": "A policy",\n',
}
VERSION = {
    Format.TOML: 'version = "1.0.0"\n',
    Format.YAML: "version: 1.0.0\n",
    Format.JSON: '"version": "1.0.0",\n',
}


def mended(
    text: str | bytes,
    form: Format = Format.TOML,
    *,
    unsafe: bool = False,
    level: ValidationLevel = ValidationLevel.CUSTOM,
    environment: str | None = None,
    rules: Ruleset | None = None,
) -> Repair:
    """What becomes of a whole content."""
    by = rules or Ruleset(level, environment)
    content = text.encode() if isinstance(text, str) else text
    before = judge(content, form, by, "a.toml")
    return repair(content, form, before, lambda new: judge(new, form, by, "a.toml"), unsafe=unsafe)


def policy(settings: str, form: Format = Format.TOML, *, version: bool = True) -> str:
    """A policy that says ``settings`` after what is required."""
    return REQUIRED[form] + (VERSION[form] if version else "") + settings


def codes(repair: Repair) -> list[str]:
    return [diagnostic.code for diagnostic in repair.fixed]


def left(repair: Repair) -> list[str]:
    return [diagnostic.code for diagnostic in repair.judgement.diagnostics]
