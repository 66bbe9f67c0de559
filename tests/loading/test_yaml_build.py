import pytest
import yaml

from policyconsole.diagnostics import Place
from policyconsole.loading.decode_error import DecodeError
from policyconsole.loading.yaml_build import build


@pytest.mark.parametrize(
    ("text", "place"),
    [('a: "\\ud800"', Place(1, 4, 1, 12)), ('"\\udfff": 1', Place(1, 1, 1, 9))],
)
def test_half_a_character_is_refused_where_the_parser_lets_it_pass(text: str, place: Place) -> None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None
    with pytest.raises(DecodeError, match="half a character") as caught:
        build(text, root)
    assert caught.value.diagnostic.place == place


def test_a_node_that_is_there_twice_is_built_once() -> None:
    text = "a: &a [1]\nb: *a\n"
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    assert root is not None
    data = build(text, root)
    assert isinstance(data, dict)
    assert data["a"] is data["b"]
