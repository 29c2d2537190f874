"""Changing one setting in a file: what a person wrote around it stays as it was."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ConfigError, PerftuiError, UsageError
from perftui.settings.editing import reset_setting, save_setting, with_setting
from perftui.settings.options import OPTIONS, Kind, Option, canonical, option_of
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Motion, Settings

FILE = Path("settings.toml")

COMMENTED = """\
# my settings
theme = "perftui-dark"  # at night

[sampling]  # how to look
# every ten milliseconds
rate_hz = 100
window = "500ms" # short

[mine]
text = '''
[sampling]
rate_hz = 5
'''
"""


def changed(text: str, key: str, value: str) -> str:
    option = option_of(key)
    return with_setting(text, option, option.literal(value), FILE)


def test_a_value_is_replaced_where_it_stands_and_nothing_else_moves() -> None:
    assert changed(COMMENTED, "theme", "mono") == COMMENTED.replace('"perftui-dark"', '"mono"')
    assert changed(COMMENTED, "sampling.rate_hz", "50 Hz") == COMMENTED.replace("rate_hz = 100", "rate_hz = 50")
    assert changed(COMMENTED, "sampling.window_s", "2s") == COMMENTED.replace('window = "500ms"', "window_s = 2")


def test_a_new_key_goes_to_its_table_and_a_new_table_to_the_end() -> None:
    assert changed(COMMENTED, "refresh_hz", "2") == COMMENTED.replace("at night\n", "at night\nrefresh_hz = 2\n")
    assert changed(COMMENTED, "sampling.native", "on") == COMMENTED.replace("look\n", "look\nnative = true\n")
    assert changed(COMMENTED, "view.warn_percent", "30%") == f"{COMMENTED}\n[view]\nwarn_percent = 30\n"
    assert changed("", "theme", "mono") == 'theme = "mono"\n'
    assert changed("[view]\n", "theme", "mono") == 'theme = "mono"\n\n[view]\n'
    assert changed("view.window_s = 5 # long", "view.half_life_s", "1m") == (
        "view.half_life_s = 60\nview.window_s = 5 # long"
    )


def test_a_setting_is_taken_out_with_its_line_and_its_comment_stays() -> None:
    taken = with_setting(COMMENTED, option_of("sampling.window"), None, FILE)
    assert taken == COMMENTED.replace('window = "500ms" # short\n', "# short\n")
    assert with_setting(COMMENTED, option_of("refresh_hz"), None, FILE) == COMMENTED
    assert changed("[sampling]\nfollow_children = true\n", "sampling.follow_children", "auto") == "[sampling]\n"


def test_line_ends_of_another_system_stay() -> None:
    assert changed("a = 1\r\n# c\r\n", "theme", "mono") == 'a = 1\r\ntheme = "mono"\r\n# c\r\n'


@pytest.mark.parametrize("text", ["sampling = { rate_hz = 5 }\n", "theme = [", "sampling = 3\n"])
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        changed(text, "sampling.rate_hz", "7")


def values_for(option: Option) -> st.SearchStrategy[str]:
    """Texts that a person may type for a setting."""
    if option.kind is Kind.FLAG:
        return st.sampled_from(["on", "off", "true", "No"])
    if option.kind is Kind.CHOICE:
        return st.sampled_from(option.choices)
    if option.kind in (Kind.TEXT, Kind.PATH):
        printed = st.characters(categories=("L", "N", "P", "S", "Zs")).filter(str.isprintable)
        return st.text(printed, max_size=20)
    numbers = st.floats(option.least, option.most).map(lambda number: f"{number:.6f}")
    whole = st.integers(int(option.least) or 1, int(option.most)).map(str)
    return whole if option.whole else numbers.filter(lambda text: option.least <= float(text) <= option.most)


def files() -> st.SearchStrategy[str]:
    """Settings files as people write them, with things of their own in between."""
    top = st.sampled_from(
        ["# a comment", "", 'theme = "x" # why', "mine = [\n  1, # one\n  2,\n]", "confirm=false", "b.c = 1"]
    )
    inner = {
        "sampling": [
            "rate_hz = 9 # slow",
            "'window' = '2s'",
            "# overhead",
            '"overhead_percent" = 3',
            "odd = { a = 1 }",
        ],
        "view": ["half_life_min = 1", "window=5", "", "# v", "x = '''\n[view]\nwindow_s = 3\n'''"],
        "memory": ['capture = "drop"', "native = true", "date = 1979-05-27"],
        "others": ["[others.sampling]\nrate_hz = 3", 'text = "[view] # no"'],
    }
    tables = st.permutations(sorted(inner)).flatmap(
        lambda names: st.tuples(*(
            st.lists(st.sampled_from(inner[name]), unique=True, max_size=4).map(
                lambda lines, name=name: [f"[ {name} ] # {name}", *lines]  # type: ignore[misc]
            )
            for name in names
        ))
    )  # fmt: skip
    parts = st.tuples(st.lists(top, unique=True), tables, st.integers(0, 4))
    return parts.map(lambda part: "\n".join([*part[0], *(line for table in part[1][: part[2]] for line in table)]))


def holding(text: str, option: Option) -> dict[str, object]:
    """What a file says, in one flat table, without a setting in any spelling."""
    flat: dict[str, object] = {}
    for key, value in tomli.loads(text).items():
        inner = value.items() if isinstance(value, dict) else [(None, value)]
        flat |= {key if name is None else f"{key}.{name}": inside for name, inside in inner}
    return {key: value for key, value in flat.items() if canonical(key) != option.key}


@given(st.data())
def test_a_file_that_was_changed_reads_as_before_but_for_the_one_value(data: st.DataObject) -> None:
    text = data.draw(files())
    option = data.draw(st.sampled_from(OPTIONS))
    typed = data.draw(values_for(option))
    literal = option.literal(typed)
    after = with_setting(text, option, literal, FILE)
    assert holding(after, option) == holding(text, option)
    for comment in ("# a comment", "# why", "# slow", "# overhead", "# one", "# view"):
        assert after.count(comment) == text.count(comment)
    *table, name = option.path
    values = tomli.loads(after)
    for part in table:
        values = values.get(part, {})
    if literal is None:
        assert name not in values
    else:
        assert values[name] == tomli.loads(f"x = {literal}")["x"]


@given(st.data())
def test_what_is_saved_holds_and_is_shown_as_it_is_typed(data: st.DataObject) -> None:
    option = data.draw(st.sampled_from([option for option in OPTIONS if option.kind not in (Kind.TEXT, Kind.PATH)]))
    literal = option.literal(data.draw(values_for(option)))
    text = "" if literal is None else f"{option.key} = {literal}"
    try:
        settings = _read(text)
    except ConfigError:
        assert option.topic == "view"  # a warning after critical
        return
    assert option.literal(option.written(settings)) == literal
    assert option.shown(settings)


def _read(text: str) -> Settings:
    from perftui.settings.tables import settings_of
    from perftui.toml.table import parse_document

    return settings_of(parse_document(text, FILE, tomli.loads), Settings())


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"PERFTUI_HOME": str(tmp_path / "home")}


def test_a_saved_setting_is_found_by_the_next_who_reads(home: dict[str, str], tmp_path: Path) -> None:
    path = save_setting(option_of("motion"), "reduced", environ=home)
    assert path == tmp_path / "home" / "settings.toml"
    path.chmod(0o600)
    save_setting(option_of("view.window_s"), "30", environ=home)
    settings = read_settings(start=tmp_path, environ=home)
    assert (settings.motion, settings.view.window_s) == (Motion.REDUCED, 30.0)
    assert settings.origins["view.window_s"] == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    reset_setting(option_of("motion"), environ=home)
    assert read_settings(start=tmp_path, environ=home).motion is Motion.FULL


@pytest.mark.parametrize(
    ("before", "key", "value", "error"),
    [
        ("theme = [", "refresh_hz", "2", ConfigError),
        ("speed = 1\n", "refresh_hz", "2", ConfigError),
        ("", "refresh_hz", "20", UsageError),
        ("", "refresh_hz", "fast", UsageError),
        ("", "motion", "none", UsageError),
        ("", "confirm", "perhaps", UsageError),
        ("", "sampling.rate_hz", "1.5", UsageError),
        ("", "editor", "a\nb", UsageError),
        ("", "view.warn_percent", "70", ConfigError),
    ],
)
def test_a_file_that_is_wrong_or_would_be_is_not_touched(
    before: str, key: str, value: str, error: type[PerftuiError], home: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "home" / "settings.toml"
    path.parent.mkdir()
    path.write_text(before)
    with pytest.raises(error) as caught:
        save_setting(option_of(key), value, environ=home)
    assert path.read_text() == before
    assert caught.value.hint
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_a_key_that_is_none_is_told_with_the_one_that_was_meant() -> None:
    assert option_of("sampling.window").key == option_of("sampling.window_ms").key == "sampling.window_s"
    with pytest.raises(UsageError) as caught:
        option_of("sampling.rate")
    assert "sampling.rate_hz" in caught.value.hint


def test_every_setting_stands_in_the_table_and_its_default_is_within_its_limits() -> None:
    said = {canonical(f"{option.key}") for option in OPTIONS}
    assert len(said) == len(OPTIONS)
    for option in OPTIONS:
        option.literal(option.written(Settings()))
        assert option.limits
        assert option.help.endswith(".")
