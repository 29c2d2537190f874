"""Pages in headless Chromium, over its remote debugging."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PATIENCE_S = 40.0


class Page:
    """A page that is asked things, and tells what happens in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last_id = 0

    async def ask(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol and return its result."""
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "method": method, "params": parameters})
        while (message := await self.receive()).get("id") != self._last_id:
            pass
        assert "error" not in message, message
        return message["result"]

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        message: dict[str, Any] = await self._socket.receive_json()
        self.seen(message)
        return message

    def seen(self, message: dict[str, Any]) -> None:
        """Take note of a message, whoever waits for it."""


AnyPage = TypeVar("AnyPage", bound=Page)


@contextlib.asynccontextmanager
async def chromium(profile: Path, kind: type[AnyPage]) -> AsyncIterator[AnyPage]:
    """A blank page in a browser of its own."""
    assert CHROMIUM is not None
    with subprocess.Popen(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--window-size=1400,900", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:  # fmt: skip
        try:
            port = await asyncio.to_thread(_port_of, profile / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = [each for each in await answer.json() if each["type"] == "page"]
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield kind(socket)
        finally:
            browser.terminate()


async def drawn(page: Page, picture: Path) -> bytes:
    """Return what Chromium has drawn, and keep it for whoever wants to see it."""
    await asyncio.sleep(0.5)
    shot = await page.ask("Page.captureScreenshot", format="png")
    picture.write_bytes(base64.b64decode(shot["data"]))
    return picture.read_bytes()


def _port_of(file: Path) -> int:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if file.exists() and (lines := file.read_text().splitlines())[1:]:
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError("Chromium does not tell its port")
