"""The static site of trends that `perftui report --site` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perftui.cli import main
from tests.cli.test_trend import recorded


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    directory = tmp_path / "sessions"
    for number in range(4):
        recorded(directory, number, 10.0 + number)
        recorded(directory, 30 + number, 3.0, workload="<script>alert(1)</script>", name="<b>")
    return tmp_path


def write(site: Path, *words: str) -> int:
    return main(["report", "--site", str(site), *words])


def test_a_site_has_an_index_and_a_page_for_each_workload_that_need_nothing_else(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert write(site) == 0
    index = (site / "index.html").read_text(encoding="utf-8")
    pages = re.findall(r'href="([^"]+)"', index)
    assert {path.name for path in site.iterdir()} == {"index.html", *pages}
    assert len(pages) == 2
    for path in site.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script|<b>|https?:|src=", text), path
        assert "default-src &#x27;none&#x27;" in text
    demo = next(page for page in pages if page.startswith("demo-"))
    text = (site / demo).read_text(encoding="utf-8")
    assert all(figure in text for figure in ("wall_s", "shop.sell[10]", "app.py:Shop.sell", '<pre class="picture">'))


def test_a_site_is_brought_up_to_date_in_its_place_and_what_is_not_ours_stays(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    assert write(site) == 0
    before = {path.name for path in site.iterdir()}
    (site / "CNAME").write_text("example.org", encoding="utf-8")
    recorded(home / "sessions", 9, 77.0)
    assert write(site) == 0
    assert {path.name for path in site.iterdir()} == before | {"CNAME"}
    assert "77.0 s" in (site / "index.html").read_text(encoding="utf-8")

    (site / "index.html").write_text("<title>my own page</title>", encoding="utf-8")
    capsys.readouterr()
    assert write(site) == 2
    assert "is no page of ours" in capsys.readouterr().err
    assert (site / "index.html").read_text(encoding="utf-8") == "<title>my own page</title>"


def test_what_cannot_be_meant_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(tmp_path / "site", "--since", "7d") == 2
    assert write(tmp_path / "site", "--format", "md") == 2
    assert write(tmp_path / "site", "--workload", "demo") == 2
    assert write(tmp_path / "site", "--sessions-dir", str(tmp_path / "none")) == 4
    assert not (tmp_path / "site").exists()
    assert "Traceback" not in capsys.readouterr().err
