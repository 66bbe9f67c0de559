import yaml
from hypothesis import given
from hypothesis import strategies as st

from policyconsole.loading.yaml_compose import greatest_depth

PIECES = (
    *("- ", "? ", ": ", "-", "-\t", "[", "]", "{", "}", ",", "%", "> ", "# c", "---\n"),
    *("\n", "\n ", "\n  ", "\n    ", "\r", "\u2028", "\x85"),
    *("a", "b: ", "'x'", '"q": ', "&a ", "*a", "!!seq ", "!!map "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join))
def test_the_bound_is_never_below_the_depth(text: str) -> None:
    depth = deepest = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, depth)
    except yaml.YAMLError:
        pass
    assert deepest <= greatest_depth(text)


def test_an_everyday_policy_is_not_counted() -> None:
    text = "security:\n  tls:\n    cipher_suites:\n      - a\n      - b\n" * 20
    assert greatest_depth(text) < 20
