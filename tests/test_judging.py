import subprocess
import sys

from policyconsole.judging import judge, judge_loaded
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.policies import REFUSED_AT_STRICT, toml

BASIC, STANDARD, STRICT = (
    Ruleset(level)
    for level in (ValidationLevel.BASIC, ValidationLevel.STANDARD, ValidationLevel.STRICT)
)


def test_good_content_is_accepted_with_its_digest_and_timings() -> None:
    judgement = judge(toml().encode(), Format.TOML, STRICT, "")
    assert judgement.accepted
    assert judgement.policy_id == "a-policy"
    assert judgement.policy is not None
    assert judgement.digest == judgement.policy.digest
    assert judgement.diagnostics == ()
    assert judgement.load_ms is not None
    assert judgement.validate_ms is not None


def test_what_a_rule_finds_is_placed() -> None:
    judgement = judge(REFUSED_AT_STRICT.encode(), Format.TOML, STRICT, "")
    assert not judgement.accepted
    (finding,) = [item for item in judgement.diagnostics if item.code == "SEC003"]
    assert finding.place is not None
    assert (finding.place.line, finding.place.column) == (6, 15)


def test_what_cannot_be_loaded_is_not_validated() -> None:
    judgement = judge(b'id = "x"\n', Format.TOML, BASIC, "")
    assert (judgement.accepted, judgement.policy, judgement.policy_id) == (False, None, "x")
    assert {item.code for item in judgement.diagnostics} == {"TYPE003"}
    assert judgement.validate_ms is None


def test_another_level_needs_no_second_loading() -> None:
    policy = judge(REFUSED_AT_STRICT.encode(), Format.TOML, BASIC, "").policy
    assert policy is not None
    assert judge_loaded(policy, STANDARD, "").accepted
    assert not judge_loaded(policy, STRICT, "").accepted


def test_warming_up_loads_what_the_first_finding_would() -> None:
    program = """\
import sys
from policyconsole.judging import warm_up
from policyconsole.validation.ruleset import Ruleset
before = "yaml" in sys.modules
warm_up(Ruleset())
print(before, "yaml" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split()[-1] == "True"
