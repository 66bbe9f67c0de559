from datetime import UTC, datetime

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.policy import PolicyConfig


def active(policy_id: str, revision: int = 1) -> ActivePolicy:
    config = PolicyConfig(id=policy_id, name="N", version="1.0.0")
    return ActivePolicy(config, revision, "sha256:0", f"{policy_id}.toml", datetime.now(UTC))


def test_a_commit_makes_a_new_set_and_leaves_the_old_one_alone() -> None:
    first = PolicySet().commit({"a": active("a"), "b": active("b")})
    second = first.commit({"a": active("a", 2)}, leave=["b"])
    assert (first.generation, second.generation) == (1, 2)
    assert sorted(first) == ["a", "b"]
    assert first["a"].revision == 1
    assert list(second) == ["a"]
    assert second["a"].revision == 2


def test_leaving_without_having_been_there_is_no_mistake() -> None:
    assert len(PolicySet().commit({}, leave=["x"])) == 0


def test_it_names_what_is_in_force() -> None:
    assert repr(PolicySet()) == "<PolicySet generation 0: nothing in force>"
    many = PolicySet().commit({f"p{number:04}": active(f"p{number:04}") for number in range(1_020)})
    assert repr(many).startswith("<PolicySet generation 1: 'p0000', 'p0001', ")
    assert repr(many).endswith("'p0009', and 1,010 more>")


def test_it_shows_itself_as_a_table_of_text() -> None:
    html = PolicySet().commit({"<b>": active("<b>")})._repr_html_()
    assert "generation 1: 1 in force" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    many = PolicySet().commit({f"p{number:04}": active(f"p{number:04}") for number in range(1_020)})
    assert "and 820 more" in many._repr_html_()
