"""The app as a whole: each key, what is drawn when, and how it ends."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Input

from policyconsole.diagnostics import Place
from policyconsole.events import EventType
from policyconsole.snapshot import Loading, WatchState
from policyconsole.tui.bindings import CONSOLE_BINDINGS, PANE_ORDER
from policyconsole.tui.screens.environment import Environment, EnvironmentScreen
from policyconsole.tui.screens.help import HelpScreen
from policyconsole.tui.screens.level import LevelScreen
from policyconsole.validation.levels import ValidationLevel
from tests.tui.scripted import ScriptedEngine
from tests.tui.showing import NARROW, WIDE, Shown, showing
from tests.tui.stories import (
    DEVELOPMENT,
    SECURITY,
    SHORT_SESSION,
    TLS_TOO_OLD,
    dead,
    degraded,
    empty,
    large,
    refuse_staging,
    usual,
)
from tests.waiting import eventually


def selected(shown: Shown) -> str | None:
    return shown.console.policies.list.cursor_item


async def test_the_engine_runs_while_the_app_does() -> None:
    async with showing() as shown:
        while_it_runs = shown.engine.alive
    assert (while_it_runs, shown.engine.alive, shown.engine.stops) == (True, False, 1)


async def test_q_quits() -> None:
    async with showing() as shown:
        await shown.pilot.press("q")
        assert shown.app.return_code == 0
    assert not shown.engine.alive


async def test_enter_leads_from_a_policy_to_its_findings_to_the_line() -> None:
    async with showing() as shown:
        await shown.press("end", "enter")
        assert shown.console.pane == "diagnostics"
        assert shown.console.detail.diagnostics.list.has_focus
        await shown.press("enter")
        assert shown.console.detail.source.has_focus
        assert shown.console.detail.source.cursor_location[0] == 15
        await shown.press("escape")
        assert shown.console.pane == "diagnostics"
        await shown.press("escape")
        assert shown.console.policies.list.has_focus


async def test_the_first_error_is_chosen_among_the_findings() -> None:
    async with showing() as shown:
        await shown.press("end")
        item = shown.console.detail.diagnostics.list.cursor_item
        assert item is not None
        assert item.diagnostic is not None
        assert item.diagnostic.code == "SEC003"


@pytest.mark.parametrize("size", [WIDE, NARROW, (50, 16)])
@pytest.mark.parametrize(("key", "name"), [(str(n), name) for n, name in enumerate(PANE_ORDER, 1)])
async def test_a_number_goes_to_its_pane(key: str, name: str, size: tuple[int, int]) -> None:
    async with showing(size=size) as shown:
        await shown.press(key)
        assert shown.console.pane == name
        assert shown.app.focused is not None
        assert shown.app.focused.region.height > 0
        assert f"▸ {key} {name.title()}" in shown.screen


async def test_tab_goes_round_all_panes_and_shift_tab_back() -> None:
    async with showing() as shown:
        round_trip = []
        for _ in PANE_ORDER:
            await shown.press("tab")
            round_trip.append(shown.console.pane)
        assert round_trip == [*PANE_ORDER[1:], PANE_ORDER[0]]
        await shown.press("shift+tab")
        assert shown.console.pane == PANE_ORDER[-1]


async def test_the_titles_can_be_clicked() -> None:
    async with showing() as shown:
        frame = shown.console.detail
        await shown.pilot.click(frame, offset=(frame.region.width // 3, 0))
        await shown.settle()
        assert shown.console.pane == "source"


async def test_slash_filters_the_policies() -> None:
    async with showing() as shown:
        await shown.press("slash", *"refused")
        assert list(shown.console.policies.list.items) == ["staging.toml"]
        assert "1 of 6 files" in shown.screen
        await shown.press("enter")
        assert shown.console.policies.list.has_focus
        assert list(shown.console.policies.list.items) == ["staging.toml"]
        await shown.press("escape")
        assert len(shown.console.policies.list.items) == 6


async def test_escape_in_the_filter_clears_it() -> None:
    async with showing() as shown:
        await shown.press("slash", *"zzz")
        assert "No policy matches “zzz”" in shown.screen
        await shown.press("escape")
        assert len(shown.console.policies.list.items) == 6
        assert shown.console.policies.list.has_focus


async def test_keys_are_letters_while_a_filter_is_typed() -> None:
    async with showing() as shown:
        await shown.press("slash", "q", "l", "space", "2")
        assert isinstance(shown.app.focused, Input)
        assert shown.console.policies.filter.query_text == "ql 2"
        assert "keeps the filter" in shown.screen


async def test_slash_filters_the_events_where_they_have_the_keys() -> None:
    async with showing() as shown:
        await shown.press("2", "slash", *"sec003")
        assert [entry.event.type for entry in shown.console.events.list.items] == ["rejected"]
        assert "1 of 19" in shown.screen
        refuse_staging(shown.engine)
        shown.engine.apply("reporting.toml", "reporting", "")
        await shown.settle()
        assert len(shown.console.events.list.items) == 2


async def test_space_pauses_the_picture_and_counts_what_waits() -> None:
    async with showing() as shown:
        await shown.press("space")
        assert "‖ paused, 0 waiting" in shown.screen
        shown.engine.apply("new.toml", "new", "")
        shown.engine.remove("reporting.toml")
        await shown.settle()
        assert "‖ paused, 2 waiting" in shown.screen
        assert "new.toml" not in shown.console.policies.list.items
        await shown.press("space")
        assert "paused" not in shown.screen
        assert "new.toml" in shown.console.policies.list.items
        assert "reporting.toml" not in shown.console.policies.list.items


@pytest.mark.slow
async def test_what_did_not_fit_while_paused_is_made_up_for() -> None:
    async with showing(empty) as shown:
        await shown.press("space")
        for number in range(9_000):
            shown.engine.apply(f"{number}.toml", f"policy-{number}", "")
        await shown.settle()
        assert "8192+ waiting" in shown.screen
        await shown.press("space")
        assert len(shown.console.policies.list.items) == 9_000


async def test_l_changes_the_level_while_it_runs() -> None:
    async with showing() as shown:
        await shown.press("l")
        assert isinstance(shown.app.screen, LevelScreen)
        assert "adds CUSTOM and ENV" in shown.screen
        await shown.press("down", "enter")
        assert shown.engine.level is ValidationLevel.CUSTOM
        assert shown.engine.environment == "production"
        assert "level custom" in shown.screen


async def test_escape_leaves_the_level_as_it_was() -> None:
    async with showing() as shown:
        await shown.press("l", "down", "escape")
        assert shown.engine.level is ValidationLevel.STRICT
        assert shown.console.is_current


async def test_e_changes_the_environment_while_it_runs() -> None:
    async with showing() as shown:
        await shown.press("e")
        assert isinstance(shown.app.screen, EnvironmentScreen)
        await shown.press("down", "enter")
        assert shown.engine.environment == "staging"
        assert shown.engine.level is ValidationLevel.STRICT
        await shown.press("e", "end", "enter")
        assert shown.engine.environment is None


async def test_another_environment_can_be_typed() -> None:
    async with showing() as shown:
        await shown.press("e", "tab", *"qa-2", "enter")
        assert shown.engine.environment == "qa-2"
        assert "qa-2" in shown.screen


@pytest.mark.parametrize("keys", [(), ("space",)], ids=["running", "paused"])
@pytest.mark.parametrize("slow", [False, True], ids=["at-once", "behind"])
async def test_level_and_environment_are_changed_one_after_the_other(
    keys: tuple[str, ...], slow: bool
) -> None:
    async with showing() as shown:
        shown.engine.is_behind = slow
        await shown.pilot.press(*keys)
        shown.app.set_level(ValidationLevel.BASIC)
        shown.app.set_environment(Environment("staging"))
        await shown.press("l")
        assert "● basic" in shown.screen
        await shown.press("escape", "e")
        assert "● staging" in shown.screen
        await shown.press("escape")
        shown.engine.catch_up()
        shown.app.set_environment(Environment(None))
        assert shown.engine.asked == [
            ("basic", "production"),
            ("basic", "staging"),
            ("basic", None),
        ]


async def test_a_change_that_somebody_else_asked_for_counts_also_while_paused() -> None:
    async with showing() as shown:
        await shown.press("space")
        shown.engine.configure(ValidationLevel.CUSTOM, "staging")
        await shown.settle()
        shown.app.set_environment(Environment("qa"))
        assert shown.engine.asked[-1] == ("custom", "qa")


async def test_while_paused_no_marker_stands_under_another_text() -> None:
    async with showing() as shown:
        await shown.press("end", "space")
        later = replace(TLS_TOO_OLD, place=Place(18, 15, 18, 24))
        moved = "# one\n# more\n" + SECURITY
        shown.engine.refuse("staging.toml", "staging-security-policy", moved, (later,))
        await shown.press("home", "end")
        detail = shown.text_of(shown.console.detail)
        assert "SEC003" in detail
        assert "^^^" not in detail
        await shown.press("5")
        assert "The file has changed since" in shown.text_of(shown.console.detail)
        await shown.press("space")
        assert shown.console.detail.source.text.startswith("# one")
        await shown.press("4")
        assert '18 │ min_version = "TLSv1.0"' in shown.text_of(shown.console.detail)


async def test_a_source_that_is_shown_stays_while_paused() -> None:
    async with showing() as shown:
        await shown.press("end", "5", "space")
        shown.engine.apply("staging.toml", "staging-security-policy", "# other\n")
        shown.app._draw()
        assert shown.console.detail.source.text.startswith("# Transport")


async def test_a_file_that_becomes_refused_is_chosen_until_somebody_chooses() -> None:
    async with showing() as shown:
        assert selected(shown) == "staging.toml"  # refused from the start
        shown.engine.clock.forward(1)
        shown.engine.refuse("reporting.toml", "reporting", "", (TLS_TOO_OLD,))
        await shown.settle()
        assert selected(shown) == "reporting.toml"
        await shown.press("up")
        chosen = selected(shown)
        shown.engine.clock.forward(1)
        shown.engine.refuse("payments/gateway.json", "payments-gateway", "", (TLS_TOO_OLD,))
        await shown.settle()
        assert selected(shown) == chosen != "payments/gateway.json"


async def test_whoever_reads_about_a_file_stays_with_it() -> None:
    async with showing() as shown:
        await shown.press("4")
        shown.engine.clock.forward(1)
        shown.engine.refuse("reporting.toml", "reporting", "", (TLS_TOO_OLD,))
        await shown.settle()
        assert selected(shown) == "staging.toml"


async def test_a_whole_finding_is_seen_on_a_small_screen() -> None:
    async with showing(size=NARROW) as shown:
        detail = shown.text_of(shown.console.detail)
        assert shown.console.policies.list.has_focus
        for part in (
            "revision 1 stays in force since 18:02:21",
            "✖ error SEC003 high  line 16:15",
            "TLSv1.0 is below the minimum",
            '16 │ min_version = "TLSv1.0"',
            "^^^^^^^^^",
            '= set "TLSv1.2" or "TLSv1.3"',
        ):
            assert part in detail
        assert shown.console.policies.list.size.height >= 4
        assert "3 Latency" in shown.screen


async def test_on_a_small_screen_the_keys_that_make_it_usable_stay() -> None:
    async with showing(size=NARROW) as shown:
        bar = shown.text_of(shown.console.keys)
        assert "z zoom" in bar
        assert "n next" in bar
        await shown.press("2", "up")
        bar = shown.text_of(shown.console.keys)
        assert "f follow" in bar
        assert "…" not in bar


async def test_the_help_says_that_there_is_more() -> None:
    async with showing(size=NARROW) as shown:
        await shown.press("question_mark")
        assert "↓ more · esc leaves" in shown.screen
        await shown.press("end")
        assert "↓ more" not in shown.screen
    async with showing(size=(120, 80)) as shown:
        await shown.press("question_mark")
        assert "↓ more" not in shown.screen


async def test_a_tiny_screen_has_room_for_every_environment() -> None:
    async with showing(size=(30, 8)) as shown:
        await shown.press("e")
        for name in ("● production", "staging", "development", "no environment", "another name"):
            assert name in shown.screen


async def test_the_last_sign_of_life_is_that_of_the_engine() -> None:
    async with showing() as shown:
        shown.engine.clock.forward(60)
        await shown.settle()
        shown.engine.clock.forward(60)
        shown.engine.alive = False
        await shown.settle()
        assert "how things were at 18:06:31" in " ".join(shown.screen.split())


async def test_r_judges_everything_again() -> None:
    async with showing() as shown:
        await shown.press("r")
        assert shown.engine.revalidations == 1
        await eventually(lambda: "read and judged again" in shown.screen)


async def test_f_follows_the_newest_event_again() -> None:
    async with showing() as shown:
        events = shown.console.events.list
        await shown.press("2", "up", "up")
        looking_back = events.following
        assert "f follows again" in shown.screen
        await shown.press("f")
        assert (looking_back, events.following) == (False, True)
        assert "· following" in shown.screen
        assert events.cursor_item is events.items[-1]


async def test_choosing_an_event_chooses_its_policy() -> None:
    async with showing() as shown:
        await shown.press("home")
        assert selected(shown) == "development.yaml"
        await shown.press("2", "enter")
        assert selected(shown) == "staging.toml"
        assert "SEC003" in shown.text_of(shown.console.detail)


async def test_choosing_an_event_clears_a_filter_that_hides_its_policy() -> None:
    async with showing() as shown:
        await shown.press("slash", *"reporting", "enter", "2", "enter")
        assert selected(shown) == "staging.toml"


async def test_choosing_the_event_of_a_policy_that_is_gone_says_so() -> None:
    async with showing() as shown:
        shown.engine.remove("reporting.toml")
        await shown.settle()
        await shown.press("2", "enter")
        await eventually(lambda: "reporting is not there any more" in shown.screen)


async def test_n_goes_to_the_next_refused_file() -> None:
    async with showing() as shown:
        await shown.press("home", "n")
        assert selected(shown) == "staging.toml"


async def test_z_gives_the_pane_the_whole_screen_and_back() -> None:
    async with showing() as shown:
        await shown.press("2", "z")
        assert shown.console.events.region.width == WIDE[0]
        assert not shown.console.policies.display
        await shown.press("escape")
        assert shown.console.policies.display


async def test_the_help_names_every_key() -> None:
    async with showing(size=(120, 80)) as shown:
        await shown.press("question_mark")
        assert isinstance(shown.app.screen, HelpScreen)
        missing = [item.tooltip for item in CONSOLE_BINDINGS if item.tooltip not in shown.screen]
        assert missing == []
        await shown.press("escape")
        assert shown.console.is_current


async def test_the_help_shows_the_keys_as_they_are_bound() -> None:
    async with showing() as shown:
        shown.app.set_keymap({"pause": "p"})
        await shown.press("question_mark")
        line = next(line for line in shown.screen.splitlines() if "Hold the picture" in line)
        assert " p " in line
        await shown.press("escape", "p")
        assert "paused" in shown.screen


async def test_the_palette_has_every_action_and_every_policy() -> None:
    async with showing() as shown:
        titles = {command.title for command in shown.app.get_system_commands(shown.app.screen)}
        assert titles >= {
            "Filter", "Pause", "Level", "Level: basic", "Environment", "Revalidate", "Follow",
            "Zoom", "Pane: Source", "Theme", "Help", "Quit",
        }  # fmt: skip
        await shown.press("ctrl+p", *"payments")
        await eventually(lambda: "Go to payments-gateway" in shown.screen)
        await shown.press("enter")
        assert selected(shown) == "payments/gateway.json"


def test_no_key_is_one_that_terminals_keep() -> None:
    keys = {key for binding in CONSOLE_BINDINGS for key in binding.key.split(",")}
    assert not keys & {"ctrl+j", "ctrl+m", "ctrl+s"}
    assert all(binding.id for binding in CONSOLE_BINDINGS)


async def test_idle_draws_nothing() -> None:
    async with showing() as shown:
        drawn: list[object] = []
        with pytest.MonkeyPatch.context() as patch:
            note = lambda widget, *_, **__: drawn.append(widget)  # noqa: E731 - counts repaints
            patch.setattr("textual.widget.Widget.refresh", note)
            for _ in range(3):
                shown.app.tick()
            assert drawn == []
            shown.engine.clock.forward(1)
            shown.app.tick()
            # two of the six ages are in seconds
            assert drawn == [shown.console.policies.list] * 2


async def test_ages_grow_with_the_clock() -> None:
    async with showing() as shown:
        assert " 12s" in shown.text_of(shown.console.policies)
        shown.engine.clock.forward(60)
        await shown.settle()
        assert " 12s" not in shown.text_of(shown.console.policies)
        assert "1m" in shown.text_of(shown.console.policies)


async def test_an_empty_folder_says_what_to_do() -> None:
    async with showing(empty) as shown:
        assert "No policy files here yet." in shown.screen
        assert ".toml, .yaml, .yml or .json" in shown.screen
        shown.engine.apply("first.toml", "first", 'id = "first"\n')
        await shown.settle()
        assert "No policy files" not in shown.screen
        assert selected(shown) == "first.toml"


async def test_while_starting_it_says_that_it_reads() -> None:
    def nothing_yet(engine: ScriptedEngine) -> None:
        engine.watch = WatchState.STARTING

    async with showing(nothing_yet) as shown:
        assert "Reading /srv/policies …" in shown.screen
        assert "starting" in shown.screen
        shown.engine.loading = Loading(3_200, 10_000)
        await shown.settle()
        assert "Reading policies … 3,200 of 10,000" in shown.screen
        assert "██████░░░░░░░░░░░░░░ 32%" in shown.screen
        await shown.press("question_mark")
        assert isinstance(shown.app.screen, HelpScreen), "it is usable meanwhile"
        await shown.press("escape")
        shown.engine.loading = None
        shown.engine.apply("first.toml", "first", "")
        shown.engine.started()
        await shown.settle()
        assert "Reading" not in shown.screen


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_lost_watch_is_told_and_its_return(size: tuple[int, int]) -> None:
    async with showing(degraded, size) as shown:
        assert "▼ degraded: the folder is gone: /srv/policies." in shown.screen
        assert "What is in force stays so" in shown.screen
        shown.engine.recovered()
        await shown.settle()
        assert "▼ degraded: the folder" not in shown.screen
        assert "● watching" in shown.screen


async def test_a_lost_folder_with_nothing_in_force_promises_nothing() -> None:
    async with showing(lambda engine: engine.degraded("the folder is gone"), WIDE) as shown:
        assert "the folder is gone. Nothing is in force; it is looked at again" in shown.screen


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_dead_engine_is_told_loudly(size: tuple[int, int]) -> None:
    async with showing(dead, size) as shown:
        assert "✖ engine stopped" in shown.screen
        assert "✖ THE ENGINE HAS STOPPED: OSError: no file descriptors left." in shown.screen


async def test_an_engine_that_dies_unheard_is_told_too() -> None:
    async with showing() as shown:
        shown.engine.alive = False
        await shown.settle()
        assert "THE ENGINE HAS STOPPED: its thread has ended" in shown.screen


async def test_the_selection_stays_while_rows_come_and_go() -> None:
    async with showing() as shown:
        await shown.press("home", "down", "down", "down")
        assert selected(shown) == "production-security-policy.toml"
        shown.engine.apply("aaa.toml", "aaa", "")
        shown.engine.remove("development.yaml")
        await shown.settle()
        assert selected(shown) == "production-security-policy.toml"


async def test_the_selection_follows_a_policy_to_its_new_file() -> None:
    async with showing() as shown:
        await shown.press("home")
        old = shown.engine.files.pop("development.yaml")
        assert old.policy_id is not None
        shown.engine.apply("zzz.yaml", old.policy_id, DEVELOPMENT, diagnostics=(SHORT_SESSION,))
        await shown.settle()
        assert selected(shown) == "zzz.yaml"


@pytest.mark.slow
async def test_ten_thousand_files_are_one_list() -> None:
    async with showing(large(10_000)) as shown:
        assert len(shown.console.policies.list.items) == 10_000
        await shown.press("end")
        assert "policy-09999" in shown.text_of(shown.console.policies)
        await shown.press("slash", *"09876")
        assert len(shown.console.policies.list.items) == 1


async def test_a_refused_file_keeps_its_line_and_says_what_stays() -> None:
    async with showing() as shown:
        await shown.press("end")
        policies = shown.text_of(shown.console.policies)
        assert "✖ refused" in policies
        assert "└ r1 stays in force" in policies
        assert "revision 1 stays in force since 18:02:21" in shown.text_of(shown.console.detail)


async def test_a_target_that_fails_is_told_with_its_reason() -> None:
    async with showing() as shown:
        shown.engine.refuse(
            "reporting.toml", "reporting", "", (), failed="the rate limiter: no memory"
        )
        await shown.settle()
        await shown.press("slash", *"reporting", "enter")
        assert "✖ failed" in shown.text_of(shown.console.policies)
        assert "the rate limiter: no memory" in shown.text_of(shown.console.detail)


async def test_the_source_changes_with_the_file_and_stays_where_it_was() -> None:
    async with showing() as shown:
        await shown.press("end", "5", "end", "down", "down", "down")
        source = shown.console.detail.source
        place = source.cursor_location[0]
        good = SECURITY.replace("TLSv1.0", "TLSv1.3")
        shown.engine.apply("staging.toml", "staging-security-policy", good)
        await shown.settle()
        assert "TLSv1.3" in source.text
        assert source.cursor_location[0] == place


async def test_a_signal_to_end_leaves_the_terminal_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers: dict[int, object] = {}
    loop_type = type(asyncio.get_running_loop())
    monkeypatch.setattr(
        loop_type, "add_signal_handler", lambda _loop, number, do: handlers.update({number: do})
    )
    async with showing() as shown:
        assert handlers
        for leave in handlers.values():
            assert leave == shown.app.exit


async def test_the_counts_of_events_are_the_engines() -> None:
    async with showing(usual) as shown:
        counted = sum(shown.engine.statistics.events.values())
        assert len(shown.console.events.list.items) == counted
        assert shown.engine.statistics.events[EventType.REJECTED] == 1
