"""`[scrape.<name>]` of a workload profile and of a budget, and the same on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.budgets.load import parse_budget
from perftui.cli import main
from perftui.errors import ConfigError
from perftui.model.scrape import Scrape, each_once
from perftui.recording.plan import RecordingPlan, plan_of_profile
from perftui.settings.load import load_profile

SHOP = """
[scrape.shop]
url = "localhost:8000"
interval = "2s"
match = ["requests_*", "queue_size"]
[scrape.cart]
url = "https://cart.example/m"
match = "carts"
"""
BOTH = (
    Scrape("shop", "http://localhost:8000/metrics", 2.0, ("requests_*", "queue_size")),
    Scrape("cart", "https://cart.example/m", None, ("carts",)),
)


def test_profiles_and_budgets_name_endpoints_and_each_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(f'[workload]\ncommand = ["true"]\n[run]\nlines = true\n{SHOP}')
    profile = load_profile(file)
    budget = parse_budget(SHOP)
    assert profile.scrapes == budget.scrapes == BOTH
    plan = plan_of_profile(profile, tmp_path)
    assert (plan.scrapes, plan.lines) == (BOTH, True)
    own = Scrape("again", "http://localhost:8000/metrics")
    assert RecordingPlan(tmp_path, scrapes=(own,), budget=budget).all_scrapes == (own, BOTH[1])


def test_endpoints_of_one_name_stay_apart_and_what_is_wanted_of_one_address_is_joined() -> None:
    first, other, third = (Scrape("shop", f"http://shop/{path}", None, (path,)) for path in ("a", "b", "c"))
    again = Scrape("again", "http://shop/a", 5.0, ("more", "a"))
    assert [(one.name, one.url, one.match) for one in each_once([first, other, again, third])] == [
        ("shop", "http://shop/a", ("a", "more")),
        ("shop-2", "http://shop/b", ("b",)),
        ("shop-3", "http://shop/c", ("c",)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scrape.a]", "there is no address"),
        ('[scrape.a]\nurl = "ftp://x"', "no address of http"),
        ('[scrape.a]\nurl = "http://u:p@x"', "a user or a password"),
        ('[scrape."a b"]\nurl = "x"', "no name of an endpoint"),
        ('[scrape.a]\nurl = "x"\ninterval = "1ms"', "shorter than 100 ms"),
        ('[scrape.a]\nurl = "x"\nmatch = 3', "string"),
        ('[scrape.a]\nurl = "x"\nmatches = "y"', "matches"),
        ("".join(f'[scrape.a{i}]\nurl = "x"\n' for i in range(21)), "21 endpoints"),
        (f'[scrape.a]\nurl = "x"\nmatch = {["y"] * 51}', "51 names"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_budget(text)
    assert message in str(caught.value)
    assert "scrape" in str(caught.value)


@pytest.mark.parametrize("verb", ["record", "attach", "watch"])
def test_an_option_that_is_no_address_is_refused(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--scrape", "ftp://x", "1"]) == 2
    assert "--scrape: ftp://x is no address of http or https" in capsys.readouterr().err
