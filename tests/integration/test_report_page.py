"""The page of a comparison in a real browser: what it shows, what keys and clicks do, and that it asks nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from perftui.reports.html import comparison_html
from perftui.units import Unit, format_value
from tests.chromium import CHROMIUM, Page, chromium, drawn
from tests.reports.reports import CHANGES, HOSTILE, NOISE, named, report

pytestmark = [
    pytest.mark.integration,
    pytest.mark.peers,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]
KEYS = {"ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "Enter": 13, "Escape": 27, "Backspace": 8}


class ReportPage(Page):
    """A page with what it asked for and what went wrong in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(socket)
        self.requests: list[str] = []
        self.troubles: list[Any] = []

    def seen(self, message: dict[str, Any]) -> None:
        """Note requests, errors, dialogs, and what the policy refused."""
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        if method in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening", "Log.entryAdded"):
            self.troubles.append(parameters)

    async def show(self, text: str, file: Path) -> None:
        """Open a page of ours."""
        file.write_text(text, encoding="utf-8")
        for room in ("Network", "Page", "Runtime", "Log"):
            await self.ask(f"{room}.enable")
        await self.ask("Page.navigate", url=file.as_uri())
        for _ in range(100):
            if await self.value("document.readyState") == "complete":
                break
            await asyncio.sleep(0.05)
        # The first drawing waits for the size of the page.
        await asyncio.sleep(0.3)

    async def value(self, code: str) -> Any:
        """Return what a piece of script comes to."""
        found = await self.ask("Runtime.evaluate", expression=code, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def text(self, selector: str) -> str:
        """Return the text of an element."""
        found = await self.value(f"document.querySelector({selector!r}).textContent")
        return str(found)

    async def click(self, selector: str, text: str) -> None:
        """Click the element with that text."""
        found = f"[...document.querySelectorAll({selector!r})].find((one) => one.textContent === {text!r})"
        await self.value(f"{found}.click()")

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            shown = {"text": key} if len(key) == 1 else {"windowsVirtualKeyCode": KEYS[key]}
            await self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **shown)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)


def rows() -> str:
    return "[...document.querySelectorAll('#table tbody tr')].map((row) => row.querySelector('code').textContent)"


async def test_flames_and_tables_answer_to_keys_and_clicks(tmp_path: Path) -> None:
    async with chromium(tmp_path / "profile", ReportPage) as page:
        await page.show(comparison_html(report()), tmp_path / "report.html")
        assert await page.text("#title") == "shop → shop"
        assert "▲ slower" in await page.text("#total")
        assert await page.value(rows()) == ["render", "gone", "parse", "tiny", "idle"]

        await page.value("document.getElementById('panes').focus()")
        await page.press("ArrowDown", "ArrowDown")
        assert (await page.text("#selected")).startswith("idle  app.py")
        await page.press("ArrowRight")
        assert "total 10.0 s → 15.0 s (+5.00 s, +50 %)" in await page.text("#selected")
        assert await page.text("#table tr.chosen code") == "render"
        await page.press("Enter")
        assert await page.text("#path") == "zoom: everything›main›render"
        await page.press("Backspace", "Escape")
        assert await page.value("document.getElementById('path').hidden")

        await page.press("v", "v", "w", "s")
        panes = "[...document.querySelectorAll('.pane')].filter((pane) => !pane.hidden).length"
        assert await page.value(panes) == 3
        assert await page.value("[byId('width').value, byId('scale').value]") == ["baseline", "share"]

        await page.press("/", "p", "a", "r")
        assert await page.text("#found") == "1 paths"
        assert await page.value(rows()) == ["parse"]
        await page.press("Enter", "n")
        assert (await page.text("#selected")).startswith("parse")
        await page.press("/", "Escape")
        assert len(await page.value(rows())) == 5

        await page.click("#shown button", "clear 2")
        assert await page.value(rows()) == ["render", "gone"]
        await page.click("#table th button", "current")
        await page.click("#table th button", "▾ current")
        assert await page.value(rows()) == ["gone", "render"]

        for selector, said in ((".pane canvas", "everything"), ("#curves svg", "CPU  at 2.00 s")):
            code = f"(() => {{ const box = document.querySelector({selector!r}); box.scrollIntoView(); "
            code += "const edge = box.getBoundingClientRect(); return [edge.right - 5, edge.top + 5]; })()"
            x, y = await page.value(code)
            await page.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
            assert (await page.text("#tip")).startswith(said)
            assert not await page.value("byId('tip').hidden")
        assert await page.text("#tip div") == "baseline 100 %, current nothing"
        assert page.troubles == []
        assert page.requests == [(tmp_path / "report.html").as_uri()]


async def test_numbers_are_written_as_everywhere_else(tmp_path: Path) -> None:
    numbers = [
        0,
        1e-7,
        3.21e-5,
        0.00099949,
        0.0123,
        0.99949,
        1,
        9.994,
        9.996,
        12.34,
        99.949,
        99.96,
        187.5,
        3599.6,
        7200,
        -2.5,
    ]
    sizes = [0, 1, 1023, 1024, 1536, 10 * 1024**2, 3.7 * 1024**3, -2048]
    async with chromium(tmp_path / "profile", ReportPage) as page:
        await page.show(comparison_html(report()), tmp_path / "report.html")
        shown = await page.value(f"{numbers!r}.map((each) => value(each, 's'))")
        assert shown == [format_value(each, Unit.SECONDS) for each in numbers]
        shown = await page.value("[12.345, 100, 0].map((each) => value(each, '%'))")
        assert shown == [format_value(each, Unit.PERCENT) for each in (12.345, 100, 0)]
        shown = await page.value(f"{sizes!r}.map((each) => value(each, 'bytes'))")
        assert shown == [format_value(each, Unit.BYTES) for each in sizes]


async def test_hostile_names_do_nothing_and_are_drawn_in_both_schemes(tmp_path: Path) -> None:
    tree = "\n".join(f"main;{'x' * 9}{number} 5" for number in range(40)), "main 3"
    hostile = [named(name, of=change) for name in HOSTILE for change in (CHANGES[3], CHANGES[1])]
    text = comparison_html(report([*hostile, *CHANGES], name=HOSTILE[0], remarks=HOSTILE, trees=tree, verdict=NOISE))
    async with chromium(tmp_path / "profile", ReportPage) as page:
        await page.show(text, tmp_path / "report.html")
        assert await page.value("document.querySelectorAll('script').length") == 2
        assert await page.value("document.querySelectorAll('img, b:not(#reading b)').length") == 0
        assert (await page.text("#title")).startswith("</script><script>alert(1)</script>")
        pictures = []
        for scheme in ("light", "dark"):
            await page.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            pictures.append(await drawn(page, tmp_path / f"{scheme}.png"))
        assert pictures[0] != pictures[1]
        await page.ask("Emulation.setDeviceMetricsOverride", width=480, height=800, deviceScaleFactor=2, mobile=True)
        await drawn(page, tmp_path / "narrow.png")
        assert await page.value("document.documentElement.scrollWidth") <= 480
        assert page.troubles == []
        assert len(page.requests) == 1
