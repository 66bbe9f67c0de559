from collections.abc import Mapping

import pytest

from policyconsole.application.claims import Claim, affected_ids, assign


def holders(*claims: Claim, held_by: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Who holds each id that the claims speak of."""
    by_path = {claim.path: claim for claim in claims}
    wanted_by: dict[str, frozenset[str]] = {}
    for claim in claims:
        if claim.wants is not None:
            wanted_by[claim.wants] = wanted_by.get(claim.wants, frozenset()) | {claim.path}
    held = dict(held_by or {})
    held.update({claim.holds: claim.path for claim in claims if claim.holds is not None})
    ids = affected_ids(by_path, by_path, wanted_by, held) | set(held)
    return assign(ids, by_path, wanted_by, held)


def test_at_start_the_smallest_path_takes_the_id() -> None:
    assert holders(Claim("b", "x", None), Claim("a", "x", None)) == {"x": "a"}


def test_the_file_in_force_holds_its_id_against_a_smaller_path() -> None:
    assert holders(Claim("b", "x", "x"), Claim("a", "x", None)) == {"x": "b"}


def test_a_refused_file_in_force_holds_its_id_by_last_known_good() -> None:
    assert holders(Claim("b", None, "x"), Claim("a", "x", None)) == {"x": "b"}


def test_a_refused_file_that_was_never_in_force_claims_nothing() -> None:
    assert holders(Claim("a", None, None), Claim("b", "x", None)) == {"x": "b"}


def test_a_waiting_claimant_takes_over_when_the_holder_is_gone() -> None:
    assert holders(Claim("b", "x", None), held_by={"x": "a"}) == {"x": "b"}


def test_an_absent_holder_keeps_its_id_while_nobody_else_wants_it() -> None:
    assert holders(Claim("a", None, "x", absent=True)) == {"x": "a"}


def test_a_claimant_takes_over_at_once_from_an_absent_holder() -> None:
    """A rename is seen as one file that is missing and another that claims its id."""
    claims = (Claim("a", None, "x", absent=True), Claim("b", "x", None))
    assert holders(*claims) == {"x": "b"}


def test_a_file_whose_id_changes_gives_up_the_old_one() -> None:
    assert holders(Claim("a", "y", "x")) == {"x": None, "y": "a"}


def test_a_file_that_wants_a_taken_id_keeps_the_one_it_has() -> None:
    assert holders(Claim("a", "y", "x"), Claim("b", "y", "y")) == {"x": "a", "y": "b"}


def test_two_files_swap_their_ids() -> None:
    assert holders(Claim("a", "y", "x"), Claim("b", "x", "y")) == {"x": "b", "y": "a"}


def test_three_files_turn_their_ids_around() -> None:
    claims = (Claim("a", "y", "x"), Claim("b", "z", "y"), Claim("c", "x", "z"))
    assert holders(*claims) == {"x": "c", "y": "a", "z": "b"}


def test_a_third_file_takes_the_id_that_a_loser_would_rather_not_have() -> None:
    claims = (Claim("a", "y", "x"), Claim("b", "y", "y"), Claim("c", "x", None))
    assert holders(*claims) == {"x": "c", "y": "b"}


@pytest.mark.parametrize("start", ["a", "b", "c"])
def test_one_change_concerns_every_id_that_hangs_together_with_it(start: str) -> None:
    claims = {
        "a": Claim("a", "y", "x"),
        "b": Claim("b", "z", "y"),
        "c": Claim("c", "x", "z"),
        "d": Claim("d", "other", "other"),
    }
    wanted_by = {"y": frozenset("a"), "z": frozenset("b"), "x": frozenset("c")}
    held_by = {"x": "a", "y": "b", "z": "c", "other": "d"}
    assert affected_ids([start], claims, wanted_by, held_by) == {"x", "y", "z"}
