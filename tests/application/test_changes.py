from policyconsole.application.changes import changed_fields, changed_sections
from policyconsole.events import Change
from policyconsole.policy import PolicyConfig


def policy(**fields: object) -> PolicyConfig:
    return PolicyConfig.model_validate({"id": "x", "name": "X", "version": "1.0.0", **fields})


def test_equal_policies_do_not_differ() -> None:
    assert changed_fields(policy(), policy()) == ()
    assert changed_sections(policy(), policy()) == ()


def test_a_field_that_says_its_default_is_no_change() -> None:
    assert changed_fields(policy(), policy(monitoring={"interval_seconds": 60})) == ()


def test_a_changed_field_is_named_with_both_values() -> None:
    new = policy(security={"tls": {"min_version": "TLSv1.2"}})
    assert changed_fields(policy(), new) == (
        Change("security.tls.min_version", "TLSv1.3", "TLSv1.2"),
    )
    assert changed_sections(policy(), new) == ("security",)


def test_lists_compare_as_a_whole() -> None:
    new = policy(security={"tls": {"cipher_suites": ["TLS_AES_256_GCM_SHA384"]}})
    (change,) = changed_fields(policy(), new)
    assert change.field == "security.tls.cipher_suites"
    assert change.new == ("TLS_AES_256_GCM_SHA384",)


def test_custom_is_compared_key_by_key_and_odd_keys_are_quoted() -> None:
    old = policy(custom={"team": {"a key": 1, "gone": True}})
    new = policy(custom={"team": {"a key": 2, "come": "x"}})
    assert changed_fields(old, new) == (
        Change('custom.team."a key"', 1, 2),
        Change("custom.team.gone", True, None),
        Change("custom.team.come", None, "x"),
    )


def test_true_and_one_are_not_the_same() -> None:
    (change,) = changed_fields(policy(custom={"a": 1}), policy(custom={"a": True}))
    assert change == Change("custom.a", 1, True)
    assert changed_sections(policy(custom={"a": 1}), policy(custom={"a": True})) == ("custom",)
    (nested,) = changed_fields(policy(custom={"a": [[1]]}), policy(custom={"a": [[True]]}))
    assert nested.field == "custom.a"


def test_unknown_tables_count_as_sections() -> None:
    new = policy(auditing={"keep_days": 30})
    assert changed_sections(policy(), new) == ("auditing",)
    assert changed_fields(policy(), new) == (Change("auditing", None, {"keep_days": 30}),)


def test_fields_at_the_top_belong_to_no_section() -> None:
    assert changed_sections(policy(), policy(version="2.0.0")) == ()


def test_without_another_side_every_section_differs() -> None:
    everything = ("security", "monitoring", "authentication", "custom")
    assert changed_sections(None, policy()) == everything
    assert changed_sections(policy(), None) == everything
    assert changed_sections(None, policy(auditing={"a": 1})) == (*everything, "auditing")
