import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policyconsole.loading.formats import Format, decode
from policyconsole.loading.loader import PolicyLoader
from policyconsole.loading.saving import PolicySaveError, to_source
from policyconsole.policy import PolicyConfig, Security, Tls
from tests.policies import REPORT

POLICY = PolicyConfig(id="a", name="b", version="1.0.0")


@pytest.mark.parametrize("suffix", [".toml", ".yaml", ".yml", ".json", ".JSON"])
def test_the_example_of_the_report_survives(tmp_path: Path, suffix: str) -> None:
    config = PolicyLoader.load(REPORT)
    path = tmp_path / f"policy{suffix}"
    PolicyLoader.save(config, path)
    assert PolicyLoader.load(path) == config
    assert "本番環境向け" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", Format)
def test_only_what_was_said_is_written(form: Format) -> None:
    config = PolicyLoader.load(REPORT)
    said = decode(REPORT.read_text(encoding="utf-8"), Format.TOML)
    assert decode(to_source(config, form), form) == said
    assert decode(to_source(POLICY, form), form) == {"id": "a", "name": "b", "version": "1.0.0"}


def test_a_default_that_was_spelled_out_is_written() -> None:
    config = PolicyConfig(
        id="a", name="b", version="1", security=Security(tls=Tls(min_version="TLSv1.3"))
    )
    assert 'min_version = "TLSv1.3"' in to_source(config, Format.TOML)


def test_what_was_put_into_custom_later_is_written() -> None:
    config = PolicyConfig(id="a", name="b", version="1")
    custom = config.custom
    assert isinstance(custom, dict)
    custom["x"] = 1
    assert decode(to_source(config, Format.JSON), Format.JSON)["custom"] == {"x": 1}


@pytest.mark.parametrize("form", Format)
def test_fields_without_a_value_are_left_out(form: Format) -> None:
    config = PolicyConfig(id="a", name="b", version="1", description=None, created_at=None)
    assert "description" not in to_source(config, form)
    assert "created_at" not in to_source(config, form)


@pytest.mark.parametrize("form", Format)
def test_times_and_unknown_fields_survive(form: Format) -> None:
    config = PolicyConfig.model_validate(
        {
            "id": "a",
            "name": "b",
            "version": "1",
            "created_at": datetime(2026, 11, 23, 18, 0, 0, 5, tzinfo=UTC),
            "updated_at": "2026-11-24T00:00:00+09:00",
            "owner": {"team": "x"},
            "security": {"tls": {"extra": [1, {"deep": True}]}},
        }
    )
    assert PolicyConfig.model_validate(decode(to_source(config, form), form)) == config


def test_null_below_custom_cannot_be_written_as_toml(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old", encoding="utf-8")
    config = PolicyConfig(id="a", name="b", version="1", custom={"x": {"y": [None]}})
    with pytest.raises(PolicySaveError, match=r"custom\.x\.y\[0\]: TOML has no null") as caught:
        PolicyLoader.save(config, path)
    assert caught.value.field == "custom.x.y[0]"
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["a.toml"]
    PolicyLoader.save(config, tmp_path / "a.yaml")
    assert PolicyLoader.load(tmp_path / "a.yaml") == config


def test_a_name_that_tells_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicySaveError, match=r"\.toml, \.yaml, \.yml and \.json"):
        PolicyLoader.save(POLICY, tmp_path / "a.ini")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("form", Format)
def test_what_would_not_load_again_is_not_written(form: Format) -> None:
    config = POLICY.model_copy(update={"id": 3})
    with pytest.raises(PolicySaveError, match="would not load again"):
        to_source(config, form)


def test_a_folder_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PolicyLoader.save(POLICY, tmp_path / "missing" / "a.toml")
