"""The dashboard in a browser: what a connection sees, what its keys do, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pyte
import pytest

from tests.chromium import CHROMIUM, Page, chromium, drawn

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SPIN = ROOT / "tests" / "workloads" / "spin.py"
# The last word is unlike what else may run here, and unlike that of the tests that run beside these.
SECONDS = f"61.{os.getpid()}"
RUN_SPIN = ("run", "--name", "served", "--", sys.executable, str(SPIN), SECONDS)
PATIENCE_S = 40.0
MEANT_FOR_THE_APP = ("TEXTUAL_DRIVER", "TEXTUAL_FPS", "TEXTUAL_COLOR_SYSTEM", "TERM_PROGRAM", "COLUMNS", "ROWS")
KEYS_SHOWN = "Parent, widest child"
"""What the overlay of keys says, and no other screen."""


class Screen:
    """A terminal that a test can read."""

    def __init__(self, columns: int = 140, lines: int = 40) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        # The one private sequence that pyte takes for text.
        self._stream.feed(data.replace(b"\x1b[?2026$p", b""))

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)


class Browser:
    """A connection as the page makes it."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket
        self.screen = Screen()

    async def until(self, *words: str) -> str:
        """Read until the screen shows all words, and return its text."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(word in self.screen.text for word in words):
                message = await self.websocket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, (message, self.screen.text)
                self.screen.feed(message.data)
        return self.screen.text

    async def press(self, keys: str) -> None:
        await self.websocket.send_json(["stdin", keys])

    async def read_to_end(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            async for message in self.websocket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self.screen.feed(message.data)


class Served:
    """A running `perftui serve`."""

    def __init__(self, home: Path, words: tuple[str, ...], options: tuple[str, ...] = ()) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perftui", "serve", "--port", "0", *options, *(("--", *words) if words else ())],
            env={**os.environ, "PERFTUI_HOME": str(home), "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(home / "stderr").open("wb"),
            text=True,
            # Ctrl-C reaches everything that a terminal started; so does what the tests send.
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def at(self, path: str) -> str:
        """The address of a path, token included."""
        page, _, token = self.url.partition("?")
        return f"{page}{path}{'&' if '?' in path else '?'}{token}"

    def told(self) -> str:
        return (self.home / "stderr").read_text()

    def started(self) -> list[psutil.Process]:
        """Everything that lives below the server; to be asked for while the server lives."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def sessions(self) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "perftui", "sessions", "list", "--json"],
            env={**os.environ, "PERFTUI_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout)["sessions"]
        assert isinstance(found, list)
        return found

    @contextlib.asynccontextmanager
    async def opened(self, **headers: str) -> AsyncIterator[Browser]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(self.at("ws?width=140&height=40"), headers=headers, max_msg_size=0) as websocket,
        ):
            yield Browser(websocket)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(*words: str, options: tuple[str, ...] = ()) -> Served:
        running.append(Served(tmp_path, words, options))
        return running[-1]

    yield start
    for served in running:
        served.process.kill()
        served.process.wait()


def workloads() -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cmdline"]) if is_workload(process.info["cmdline"])]


def is_workload(command: list[str] | None) -> bool:
    return command is not None and command[-1:] == [SECONDS] and "perftui" not in command


def wait_for(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def are_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


async def test_a_connection_sees_the_live_flames_and_its_keys_are_answered(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    async with served.opened() as browser:
        await browser.until("RUNNING", "leaf", "main", "coverage")
        await browser.press("?")
        await browser.until(KEYS_SHOWN)
        await browser.press("\x1b")
        await browser.websocket.send_json(["resize", {"width": 100, "height": 30}])
        browser.screen = Screen(100, 30)
        await browser.until("leaf", "main")
        started = served.started()
    # The connection is closed: its app ends, the workload with it, and the session is saved.
    assert are_gone(started)
    assert [session["name"] for session in served.sessions()] == ["served"]
    assert wait_for(lambda: "served" in served.told())
    assert served.process.poll() is None


async def test_quitting_closes_the_connection_and_another_one_begins_anew(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    for _ in range(2):
        async with served.opened() as browser:
            await browser.until("RUNNING", "leaf")
            await browser.press("\x03")
            await browser.read_to_end()
        assert wait_for(lambda: not workloads())
    assert len(served.sessions()) == 2


async def test_without_a_verb_it_is_the_home_screen(serve: Callable[..., Served]) -> None:
    async with serve().opened() as browser:
        await browser.until("demo")


async def test_what_the_app_says_instead_of_drawing_is_seen_by_who_looks(serve: Callable[..., Served]) -> None:
    served = serve("open", "no-such-session")
    async with served.opened() as browser:
        await browser.read_to_end()
    assert "no-such-session" in browser.screen.text
    assert "no-such-session" in served.told()
    assert "Traceback" not in served.told()


async def test_nonsense_from_a_browser_is_passed_over(serve: Callable[..., Served]) -> None:
    async with serve(*RUN_SPIN).opened() as browser:
        await browser.until("RUNNING", "leaf")
        for nonsense in (
            "",
            "{}",
            "[]",
            "[" * 90_000,
            '["stdin", 1]',
            '["resize", {"width": "x"}]',
            '["stdin"',
            "[1e999]",
        ):
            await browser.websocket.send_str(nonsense)
        await browser.press("?")
        await browser.until(KEYS_SHOWN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
async def test_a_signal_ends_every_connection_and_saves_its_session(
    serve: Callable[..., Served], number: signal.Signals
) -> None:
    served = serve(*RUN_SPIN)
    async with served.opened() as first, served.opened() as second:
        await first.until("RUNNING", "leaf")
        await second.until("RUNNING", "leaf")
        started = served.started()
        # As a terminal does: to all at once.
        os.killpg(served.process.pid, number) if number == signal.SIGINT else served.process.send_signal(number)
        await first.read_to_end()
        await second.read_to_end()
    assert served.process.wait(PATIENCE_S) == 128 + number
    assert are_gone(started)
    assert [session["state"] for session in served.sessions()] == ["complete", "complete"]
    assert "Traceback" not in served.told()


async def test_a_server_that_is_killed_leaves_nothing_behind_and_loses_no_session(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    async with served.opened() as browser:
        await browser.until("RUNNING", "leaf")
        started = served.started()
        assert workloads()
        served.process.kill()
        served.process.wait()
        assert await asyncio.to_thread(are_gone, started)
    assert [session["state"] for session in served.sessions()] == ["complete"]
    assert not workloads()


async def test_an_app_that_is_killed_ends_its_connection_and_its_workload(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    async with served.opened() as browser:
        await browser.until("RUNNING", "leaf")
        started = served.started()
        psutil.Process(served.process.pid).children()[0].kill()
        await browser.read_to_end()
        assert await asyncio.to_thread(are_gone, started)


async def test_a_browser_that_reads_no_more_holds_nothing_up(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    async with served.opened() as browser:
        await browser.until("RUNNING", "leaf")
        started = served.started()
        transport = browser.websocket._response.connection.transport  # type: ignore[union-attr]
        transport.pause_reading()  # type: ignore[union-attr]
        for _ in range(400):
            await browser.press("?\x1b")
        served.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(served.process.wait, PATIENCE_S) == 128 + signal.SIGTERM
        assert are_gone(started)
        transport.abort()  # type: ignore[union-attr]
    assert [session["state"] for session in served.sessions()] == ["complete"]


async def test_the_workload_is_not_told_of_the_browser(serve: Callable[..., Served], tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    program = (
        "import json, os, pathlib, sys, time; "
        f"pathlib.Path({str(told)!r}).write_text(json.dumps([sorted(os.environ), sys.stdin.read()])); time.sleep(60)"
    )
    async with serve("run", "--", sys.executable, "-c", program).opened() as browser:
        await browser.until("RUNNING")
        await browser.press("?")
        assert await asyncio.to_thread(wait_for, told.exists)
        await asyncio.sleep(0.2)
    names, read = json.loads(told.read_text())
    assert [name for name in names if name in MEANT_FOR_THE_APP] == []
    assert read == ""


async def test_the_page_is_whole_and_a_page_of_somebody_else_gets_nothing(serve: Callable[..., Served]) -> None:
    served = serve(*RUN_SPIN)
    url, _, token = served.url.partition("?token=")
    assert len(token) == 32
    async with aiohttp.ClientSession() as stranger:
        for path in ("", "?token=", f"?token={token[:-1]}", "static/js/textual.js"):
            async with stranger.get(url + path) as answer:
                assert (answer.status, answer.cookies.output()) == (403, "")
        for path in ("ws", "ws?token=x", "ws?token=%C3%A4"):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await stranger.ws_connect(url + path)
    # A jar that takes cookies of addresses, as browsers do.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(served.url) as answer:
            page = await answer.text()
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            cookie = answer.headers["Set-Cookie"]
            assert all(word in cookie for word in (token, "HttpOnly", "SameSite=Strict"))
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "://" not in page, "everything comes from this server"
        for part in ("static/css/xterm.css", "static/js/textual.js", "static/fonts/RobotoMono-VariableFont_wght.ttf"):
            assert part in page
            async with session.get(url + part) as answer:
                assert answer.status == 200
        async with session.get(served.url, headers={"Host": "rebound.example:8000"}) as answer:
            assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(served.at("ws"), headers={"Origin": "http://elsewhere.example"})
    assert not workloads()
    assert token not in served.told()


async def test_without_a_token_the_plain_address_is_enough_and_that_is_said(serve: Callable[..., Served]) -> None:
    served = serve("open", "no-such-session", options=("--no-token",))
    assert "token" not in served.url
    async with aiohttp.ClientSession() as session, session.get(served.url) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)
    assert wait_for(lambda: "every user of this machine can reach this" in served.told())


class ServedPage(Page):
    """A page of ours: what its terminal was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(socket)
        self.screen = Screen(300, 120)

    async def until(self, *words: str) -> str:
        async with asyncio.timeout(PATIENCE_S):
            while not all(word in self.screen.text for word in words):
                await self.receive()
        return self.screen.text

    def seen(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Network.webSocketFrameReceived":
            frame = message["params"]["response"]
            if frame["opcode"] == 2:
                self.screen.feed(base64.b64decode(frame["payloadData"]))


@pytest.mark.peers
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
async def test_chromium_shows_the_live_flames_and_its_keys_are_answered(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served = serve(*RUN_SPIN)
    async with chromium(tmp_path / "profile", ServedPage) as page:
        await page.ask("Network.enable")
        await page.ask("Page.enable")
        await page.ask("Page.navigate", url=served.url)
        await page.until("RUNNING", "leaf", "coverage")
        before = await drawn(page, tmp_path / "flames.png")
        await page.ask("Input.dispatchKeyEvent", type="keyDown", key="?", text="?")
        await page.until(KEYS_SHOWN)
        assert await drawn(page, tmp_path / "keys.png") != before
        await page.ask("Page.navigate", url="about:blank")
        assert await asyncio.to_thread(wait_for, lambda: not workloads()), "a tab that is left ends its app"
    assert [session["name"] for session in served.sessions()] == ["served"]
