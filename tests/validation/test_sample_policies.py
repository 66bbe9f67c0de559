"""The sample policies: good at every level, and with something to look at."""

import json
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from policyconsole.loading.loader import PolicyLoader
from policyconsole.policy import PolicyConfig
from policyconsole.validation.engine import PolicyValidationEngine
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.rules.custom import COMPLIANCE_MODES, ENVIRONMENTS

FOLDER = Path(__file__).parents[2] / "sample_policies"

# File by file: the id, and the codes at Strict. Custom adds none.
SAMPLES: dict[str, tuple[str, set[str]]] = {
    "api-gateway.json": ("api-gateway-policy", {"SEC004"}),
    "development.yaml": ("development-security-policy", {"SYNTAX004", "REC001", "REC004"}),
    "internal-tool.toml": ("internal-tool-policy", {"REC003"}),
    "payment-service.yaml": ("payment-service-policy", set()),
    "production.toml": ("production-security-policy", set()),
    "staging.toml": ("staging-security-policy", {"REC002"}),
}

EVERY_SAMPLE = pytest.mark.parametrize("name", SAMPLES)


def decoded(name: str) -> dict[str, object]:
    text = (FOLDER / name).read_text("utf-8")
    match Path(name).suffix:
        case ".toml":
            return tomllib.loads(text)
        case ".yaml":
            return dict(yaml.safe_load(text))
        case _:
            return dict(json.loads(text))


def sample(name: str) -> PolicyConfig:
    return PolicyConfig.model_validate(decoded(name))


def test_are_all_known_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SAMPLES)


@EVERY_SAMPLE
def test_has_its_id(name: str) -> None:
    assert sample(name).id == SAMPLES[name][0]


@EVERY_SAMPLE
@pytest.mark.parametrize("level", ValidationLevel)
def test_is_in_force_at_every_level(name: str, level: ValidationLevel) -> None:
    assert PolicyValidationEngine().validate(sample(name), level).is_valid


@EVERY_SAMPLE
@pytest.mark.parametrize("level", [ValidationLevel.STRICT, ValidationLevel.CUSTOM])
def test_shows_what_it_is_meant_to_show(name: str, level: ValidationLevel) -> None:
    report = PolicyValidationEngine().validate(sample(name), level)

    assert {finding.code for finding in report.diagnostics} == SAMPLES[name][1]


@EVERY_SAMPLE
def test_names_what_the_rules_know(name: str) -> None:
    policy = sample(name)

    assert policy.environment in ENVIRONMENTS
    assert policy.custom["compliance_mode"] in COMPLIANCE_MODES
    assert policy.description
    assert policy.created_at is not None
    assert policy.updated_at is not None


@EVERY_SAMPLE
def test_has_no_field_that_nobody_reads(name: str) -> None:
    def unknown(section: BaseModel) -> list[str]:
        values = [getattr(section, field) for field in type(section).model_fields]
        below = [
            name for value in values if isinstance(value, BaseModel) for name in unknown(value)
        ]
        return [*(section.model_extra or {}), *below]

    assert unknown(sample(name)) == []


def test_the_edit_that_production_invites_is_refused() -> None:
    text = (FOLDER / "production.toml").read_text("utf-8")
    assert text.count('min_version = "TLSv1.3"') == 1
    edited = text.replace('min_version = "TLSv1.3"', 'min_version = "TLSv1.0"')

    report = PolicyValidationEngine().validate(
        PolicyConfig.model_validate(tomllib.loads(edited)), ValidationLevel.STRICT
    )

    assert [finding.code for finding in report.errors] == ["SEC003"]


@EVERY_SAMPLE
def test_loads_as_it_will_be_loaded(name: str) -> None:
    assert PolicyLoader.load(FOLDER / name) == sample(name)
