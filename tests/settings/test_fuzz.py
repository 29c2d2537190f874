"""Whatever a profile or a settings file holds, it is read or gets one clear complaint."""

from __future__ import annotations

from pathlib import Path

from perftui.errors import ConfigError
from perftui.settings.load import load_profile, load_settings
from perftui.settings.spec import Settings
from tests.settings.test_profiles import ROOT
from tests.toml.mutations import mutations

SETTINGS = b'theme = "x"\nrefresh_hz = 4\nsessions_dir = "~/runs"\nbudget_file = "b.toml"\n[sampling]\nrate_hz = 100\n'


def test_two_thousand_mutated_profiles_and_settings_are_read_or_refused(tmp_path: Path) -> None:
    profiles = [path.read_bytes() for path in sorted((ROOT / "profiles").glob("*.toml"))]
    path = tmp_path / "x.toml"
    good = refused = 0
    for place, content in enumerate(mutations([*profiles, SETTINGS], 2_000, seed=21)):
        path.write_bytes(content)
        try:
            if place % 2:
                load_profile(path)
            else:
                load_settings(path, Settings())
        except ConfigError:
            refused += 1
        else:
            good += 1
    assert good > 20
    assert refused > 500
