"""Settings: which of several places wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import ConfigError, UsageError
from perftui.model.workload import SamplingMode, SamplingOptions
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Settings, ViewOptions


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("")
    return project


def settings(project: Path, home: Path, **environ: str) -> Settings:
    return read_settings(start=project, environ={"PERFTUI_HOME": str(home), **environ})


def test_without_any_file_the_defaults_hold_and_sessions_are_in_the_home(project: Path, home: Path) -> None:
    found = settings(project, home)
    assert (found.theme, found.refresh_hz, found.budget_file) == ("perftui-dark", 4.0, None)
    assert found.sampling == SamplingOptions()
    assert found.sessions_dir == home / "sessions"
    assert dict(found.origins) == {"sessions_dir": "PERFTUI_HOME"}


def test_the_project_is_stronger_than_the_user_and_the_environment_stronger_than_both(
    project: Path, home: Path
) -> None:
    (home / "settings.toml").write_text(
        'theme = "perftui-light"\nrefresh_hz = 2\n[sampling]\nrate_hz = 50\nmode = "blocking"\n'
    )
    (project / "perftui.toml").write_text('theme = "nord"\nbudget_file = "limits/b.toml"\n[sampling]\nrate_hz = 200\n')
    found = settings(project, home)
    assert (found.theme, found.refresh_hz) == ("nord", 2.0)
    assert found.sampling == SamplingOptions(rate_hz=200, mode=SamplingMode.BLOCKING)
    assert found.budget_file == project / "limits" / "b.toml"
    assert found.origins["theme"] == str(project / "perftui.toml")
    assert found.origins["sampling.mode"] == str(home / "settings.toml")
    stronger = settings(project, home, PERFTUI_THEME="dracula", PERFTUI_RATE_HZ="99", PERFTUI_REFRESH_HZ="8")
    assert (stronger.theme, stronger.refresh_hz, stronger.sampling.rate_hz) == ("dracula", 8.0, 99)
    assert stronger.origins["theme"] == "PERFTUI_THEME"


def test_a_view_has_its_windows_and_thresholds_from_the_files_too(project: Path, home: Path) -> None:
    assert settings(project, home).view == ViewOptions(10.0, 5.0, 0.0, 20.0, 50.0)
    (home / "settings.toml").write_text("[view]\nwindow_s = 30\nthreshold_percent = 1\ncritical_percent = 60\n")
    (project / "perftui.toml").write_text('[view]\nhalf_life = "500ms"\nwarn_percent = 55\nthreshold_percent = 0\n')
    assert settings(project, home).view == ViewOptions(30.0, 0.5, 0.0, 55.0, 60.0)


def test_renames_of_the_user_and_of_the_project_hold_together(project: Path, home: Path) -> None:
    assert settings(project, home).renames == {}
    (home / "settings.toml").write_text('[compare.renames]\n"a.py:f" = "b.py:g"\n"x.py" = "y.py"\n')
    (project / "perftui.toml").write_text('[compare.renames]\n"x.py" = "z.py"\n')
    found = settings(project, home)
    assert found.renames == {"a.py:f": "b.py:g", "x.py": "z.py"}
    assert found.origins["compare.renames"] == str(project / "perftui.toml")


def test_a_pyproject_may_hold_the_settings_of_a_project(project: Path, home: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.perftui]\nsessions_dir = "runs"\n')
    inner = project / "src" / "deep"
    inner.mkdir(parents=True)
    assert read_settings(start=inner, environ={}).sessions_dir == project / "runs"
    assert settings(project, home).sessions_dir == home / "sessions"
    named = settings(project, home, PERFTUI_SESSIONS_DIR="/srv/runs")
    assert named.sessions_dir == Path("/srv/runs")


def test_a_pyproject_that_says_nothing_of_perftui_is_not_ours_to_complain_about(project: Path, home: Path) -> None:
    (project / "pyproject.toml").write_text("[project\nbroken")
    assert settings(project, home).theme == "perftui-dark"
    (project / "pyproject.toml").write_text("[project]\nname = 'perftui'\n")
    assert settings(project, home).theme == "perftui-dark"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("tehme = 'x'", 1, 'unknown key "tehme"', '"theme"'),
        ("theme = 3", 1, "must be a string", ""),
        ("theme = ' '", 1, "is empty", "perftui-dark"),
        ("refresh_hz = 100", 1, "must be at most 10", ""),
        ("refresh_hz = 0", 1, "must be at least 0.2", ""),
        ("sessions_dir = ''", 1, "is empty", ""),
        ("[sampling]\nrate_hz = 0", 2, "greater than zero", ""),
        ("[sampling]\nspeed = 0", 2, "unknown key", ""),
        ("sampling = 3", 1, "must be a table", ""),
        ("mode = 'heap'", 1, "none of", ""),
        ("memory = true", 1, "must be a table", ""),
        ("view = 3", 1, "must be a table", ""),
        ("view.window_s = 0.1", 1, "must be at least 500 ms", ""),
        ("view.half_life = '2h'", 1, "must be at most 3600", ""),
        ("view.threshold_percent = 101", 1, "must be at most 100", ""),
        ("view.warn_percent = 51", 1, "would come after critical", "critical_percent"),
        ("view.critical_percent = 19", 1, "would come after critical", "critical_percent"),
        ("view.speed = 1", 1, "unknown key", ""),
        ("compare.speed = 1", 1, "unknown key", "renames"),
        ("compare.renames = 'a.py'", 1, "must be a table", ""),
        ("compare.renames.'a.py:f' = 3", 1, "must be a string", ""),
        ("compare.renames.'a.py:f' = 'b.py'", 1, "a function must become a function", '"old.py" = "new.py"'),
        ("compare.renames.'a.py:f' = ''", 1, "is no file or function", ""),
        ("two_pass = true", 1, "unknown key", ""),
        ("a = [", 1, "not valid TOML", ""),
    ],
)
@pytest.mark.parametrize("name", ["perftui.toml", "settings.toml", "pyproject.toml"])
def test_a_broken_settings_file_says_what_is_wrong_and_where(
    name: str, text: str, line: int, message: str, hint: str, project: Path, home: Path
) -> None:
    if name == "pyproject.toml":
        text, line = "[tool.perftui]\n" + text.replace("[sampling]", "[tool.perftui.sampling]"), line + 1
    path = (home if name == "settings.toml" else project) / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        settings(project, home)
    assert (caught.value.place.file, caught.value.place.line) == (path, line)
    assert hint in caught.value.hint


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf", "0", "1e9"])
def test_a_variable_that_is_no_such_number_is_named(value: str, project: Path, home: Path) -> None:
    with pytest.raises(UsageError, match="PERFTUI_RATE_HZ="):
        settings(project, home, PERFTUI_RATE_HZ=value)
