import pytest

from policyconsole.validation.catalogue import CATALOGUE
from policyconsole.validation.selectors import is_fixed, selects, strongest


@pytest.mark.parametrize(
    ("selector", "meant", "not_meant"),
    [
        ("ALL", "SEC003", ""),
        ("SEC003", "SEC003", "SEC004"),
        ("SEC00", "SEC003", "SEC010"),
        ("SEC0", "SEC010", "SEC100"),
        ("SEC", "SEC003", "SECRET001"),
        ("S", "S001", "SEC003"),
        ("SE", "", "SEC003"),
        ("sec", "", "SEC003"),
        ("own-rule", "own-rule", "own-rules"),
    ],
)
def test_what_a_selector_means(selector: str, meant: str, not_meant: str) -> None:
    assert not meant or selects(selector, meant)
    assert not not_meant or not selects(selector, not_meant)


def test_the_longer_selector_is_the_stronger() -> None:
    assert strongest(["ALL", "SEC", "SEC00", "LOGIC001"], "SEC003") == "SEC00"
    assert strongest(["SEC", "ALL"], "LOGIC001") == "ALL"
    assert strongest(["SEC"], "LOGIC001") is None


def test_the_codes_without_a_policy_are_fixed() -> None:
    fixed = [code for code in CATALOGUE if is_fixed(code)]
    assert sorted(fixed) == sorted(
        [
            *(f"CONF00{n}" for n in range(1, 7)),
            *(f"FILE00{n}" for n in range(1, 6)),
            *(f"PARSE00{n}" for n in range(1, 4)),
            *(f"TYPE00{n}" for n in range(1, 4)),
            "SET001",
            "SET002",
            "ROLL001",
            "RULE001",
        ]
    )
    assert not is_fixed("FILES001")
    assert not is_fixed("SETTING001")
