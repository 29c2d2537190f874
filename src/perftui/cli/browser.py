"""The web server of `perftui serve`: one page, and one process of the app for each connection.

Other users of the machine reach it too, so it answers to who knows the token of its address, and then to the cookie
that the page brought along.

A page of somebody else's must not get at it: it would start and end processes through the browser that shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import json
import logging
import signal
import socket
from collections.abc import Iterable
from pathlib import Path

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager
from yarl import URL

from perftui.cli import console

_PAGE = Path(__file__).with_name("page.html")
_STATICS = Path(textual_serve.__file__).parent / "static"
_DRIVER = "perftui.ui.browser_driver:BrowserDriver"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; "
    "img-src 'self' data:; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    # The address holds the token.
    "Referrer-Policy": "no-referrer",
}
# Textual writes this line before its first packet.
_PRELUDE = b"__GANGLION__\n"
_BLOCK_BYTES = 1 << 16
# A browser that vanished without a word is noticed after one and a half of these.
_HEARTBEAT_S = 15.0
_CLOSE_S = 2.0
_MESSAGE_BYTES = 1 << 20
_USUAL_COLUMNS, _USUAL_LINES = 80, 24
# Nobody reads a screen beyond this; the app would draw it all the same.
_MOST_CELLS = 1000
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Connection(AppService):
    """The process of the app behind one connection; it ends with the connection, and saves its session."""

    def __init__(self, command: str, websocket: web.WebSocketResponse) -> None:
        async def close() -> None:
            await websocket.close()

        super().__init__(
            command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=DownloadManager(),
        )

    def _build_environment(self, width: int = _USUAL_COLUMNS, height: int = _USUAL_LINES) -> dict[str, str]:
        return super()._build_environment(width, height) | {"TEXTUAL_DRIVER": _DRIVER}

    async def run(self) -> None:
        """Pass on what the app draws, until its process has ended."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        told = asyncio.create_task(_relayed(process.stderr))
        printed = await _until_prelude(process.stdout)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._pass_on(process.stdout)
        # The session is being saved; whoever writes must not have to wait for a reader meanwhile.
        while await process.stdout.read(_BLOCK_BYTES):
            pass
        said = await told
        await process.wait()
        with contextlib.suppress(ConnectionError):
            if printed is not None:
                # It never drew: what it said instead belongs to whoever looks.
                await self.remote_write_bytes((printed + said).replace(b"\n", b"\r\n"))
            await self.remote_close()

    async def stop(self) -> None:
        """Hang up, and wait until the app has saved its session and ended."""
        if self._task is not None:
            self.stdin.close()
            await self._task

    async def obey(self, message: object) -> None:
        """Do what the browser asks for; what is no message is passed over."""
        match message:
            case ["stdin", str(keys)]:
                await self.send_bytes(keys.encode("utf-8", "replace"))
            case ["resize", {"width": int(columns), "height": int(lines)}]:
                await self.set_terminal_size(_cells(columns), _cells(lines))
            case ["ping", str(moment)]:
                await self.remote_write_str(json.dumps(["pong", moment]))
            case ["blur"]:
                await self.blur()
            case ["focus"]:
                await self.focus()

    async def _pass_on(self, stdout: asyncio.StreamReader) -> None:
        kind = await stdout.readexactly(1)
        payload = await stdout.readexactly(int.from_bytes(await stdout.readexactly(4), "big"))
        if kind == b"D":
            await self.on_data(payload)
        elif kind == b"M":
            await self.on_meta(payload)


class Site:
    """What is served: the page, what belongs to it, and the connections."""

    def __init__(self, command: str, names: Iterable[str], token: str = "") -> None:
        self._command = command
        """Shell command of one process of the app."""
        self._token = token
        """What a request must bring along; empty where nothing is asked for."""
        self._names = {"localhost", *(name.lower() for name in names)}
        self._open: set[Connection] = set()

    def application(self) -> web.Application:
        """Return it as a web server takes it."""
        application = web.Application(middlewares=[self._guard])
        application.add_routes(
            [web.get("/", self._index), web.get("/ws", self._connect), web.static("/static", _STATICS)]
        )
        application.on_response_prepare.append(_add_headers)
        return application

    async def close(self) -> None:
        """End every connection; returns when all have saved their sessions."""
        await asyncio.gather(*(connection.stop() for connection in self._open), return_exceptions=True)

    def is_welcome(self, host: str, origin: str | None) -> bool:
        """Tell whether a request was meant for us, and comes from our own page or from no page at all.

        A foreign name may have been made to point here; addresses and our own names cannot.
        """
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return False
        try:
            name = (URL(f"http://{host}").host or "").lower()
        except ValueError:
            return False
        return name in self._names or _is_address(name)

    def knows_token(self, request: web.Request) -> bool:
        """Tell whether a request brings the token along, in its address or as the cookie that it was once given."""
        given = (request.query.get("token", ""), request.cookies.get(_cookie(request), ""))
        # A comparison that takes longer the more is right would give the token away letter by letter.
        return not self._token or any(_same(each, self._token) for each in given)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.is_welcome(request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text="This is reached by its address or by the name of its machine only.\n")
        if not self.knows_token(request):
            raise web.HTTPForbidden(text="This needs the whole address that `perftui serve` printed, with its token.\n")
        return await handler(request)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        page = web.FileResponse(_PAGE)
        if self._token:
            # For the page's own requests, and for when it is loaded again; pages of others cannot make use of it.
            page.set_cookie(_cookie(request), self._token, httponly=True, samesite="Strict", path="/")
        return page

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S, compress=False, max_msg_size=_MESSAGE_BYTES
        )
        await websocket.prepare(request)
        connection = Connection(self._command, websocket)
        self._open.add(connection)
        try:
            await connection.start(
                _asked(request.query.get("width"), _USUAL_COLUMNS), _asked(request.query.get("height"), _USUAL_LINES)
            )
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    with contextlib.suppress(ConnectionError):
                        await connection.obey(_message(message.data))
        finally:
            await connection.stop()
            self._open.discard(connection)
        return websocket


def serve(listener: socket.socket, command: str, *, names: Iterable[str], token: str = "") -> int:
    """Serve until a signal comes and every session is saved; return the signal's number.

    Args:
        listener: Where to listen; closed at the end.
        command: Shell command of one process of the app.
        names: What the machine may be called in an address.
        token: What a request must bring along; nothing where it is empty.
    """
    # What goes wrong with somebody's request is theirs to see.
    logging.getLogger().addHandler(logging.NullHandler())
    return asyncio.run(_serve(listener, Site(command, names, token)))


async def _serve(listener: socket.socket, site: Site) -> int:
    loop = asyncio.get_running_loop()
    signals: asyncio.Queue[int] = asyncio.Queue()
    for number in _ENDING:
        loop.add_signal_handler(number, signals.put_nowait, int(number))
    runner = web.AppRunner(site.application(), access_log=None, shutdown_timeout=_CLOSE_S)
    await runner.setup()
    door = web.SockSite(runner, listener)
    await door.start()
    received = await signals.get()
    await door.stop()
    # The first signal ends everything in order; at the next one nobody waits any longer.
    closing, again = asyncio.create_task(site.close()), asyncio.create_task(signals.get())
    await asyncio.wait({closing, again}, return_when=asyncio.FIRST_COMPLETED)
    await runner.cleanup()
    return received


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _cookie(request: web.Request) -> str:
    # Cookies know no ports: each server beside us on the machine has one of its own.
    return f"perftui-{request.url.port}"


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _until_prelude(stdout: asyncio.StreamReader) -> bytes | None:
    """Return None as soon as packets follow; what was printed where none ever do."""
    printed = b""
    with contextlib.suppress(ValueError):
        while line := await stdout.readline():
            if line == _PRELUDE:
                return None
            printed += line
    return printed


async def _relayed(stderr: asyncio.StreamReader) -> bytes:
    """Pass on to our own stderr what an app says, and return the end of it."""
    said = b""
    while block := await stderr.read(_BLOCK_BYTES):
        said = (said + block)[-_BLOCK_BYTES:]
        console.relay(block)
    return said


def _message(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _asked(word: str | None, usual: int) -> int:
    return _cells(int(word)) if word and word.isascii() and word.isdigit() and len(word) < 9 else usual


def _cells(number: int) -> int:
    return min(max(1, number), _MOST_CELLS)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
