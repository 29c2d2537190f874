"""`perftui serve`: the same dashboard in a browser."""

from __future__ import annotations

import errno
import ipaddress
import secrets
import shlex
import socket
import sys
from collections.abc import Sequence

import click

from perftui.cli import console
from perftui.cli.options import AFTER_DASHES, CommandAfterDashes, sessions_option
from perftui.errors import UsageError

_SHOWN = ("run", "attach", "open", "compare")
"""The verbs that open a screen; without one it is the home screen."""
_WARNING = "whoever reaches this port can start and end processes as you"
_BACKLOG = 16
_TOKEN_BYTES = 24


@click.command(cls=CommandAfterDashes, options_metavar="[OPTIONS] [-- VERB ...]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes one that is free."
)
@click.option("--allow-remote", is_flag=True, help=f"Listen on an address that others can reach: {_WARNING}.")
@click.option(
    "--no-token", is_flag=True, help="Answer without the token of the address: every user of this machine can come in."
)
@sessions_option
@click.pass_context
def serve(
    ctx: click.Context, host: str, port: int, allow_remote: bool, no_token: bool, sessions_dir: str | None
) -> int:
    """Show the dashboard in a browser: the home screen, or the verb after `--`.

    \b
    perftui serve
    perftui serve -- run -- python app.py
    perftui serve --port 0 -- open @latest

    Each tab has an app of its own: with `run` it starts the workload. Closing the tab ends both and saves the session.
    """  # noqa: D301 (click wants the character, not its escape)
    words: tuple[str, ...] = ctx.meta.get(AFTER_DASHES, ())
    _check_verb(ctx, words)
    family, address = _resolve(host)
    is_remote = not ipaddress.ip_address(address).is_loopback
    if is_remote and not allow_remote:
        raise UsageError(
            f"{host} is reached from other machines: {_WARNING}",
            hint="--allow-remote if that is meant; `ssh -L 8000:127.0.0.1:8000 THIS-MACHINE` needs no open port",
        )
    _need_server()
    from perftui.cli.browser import serve as serve_until_signal

    names = {host, socket.gethostname()}
    listener = _listen(family, address, port)
    token = "" if no_token else secrets.token_urlsafe(_TOKEN_BYTES)
    if is_remote:
        console.say(f"others can reach this: {_WARNING}{_but_for(token)}", colour="yellow")
    elif not token:
        console.say(f"every user of this machine can reach this: {_WARNING}", colour="yellow")
    console.data(_url(address, listener, token))
    console.say("each tab that opens it has an app of its own; Ctrl-C ends them all, each session is saved")
    command = app_command(words, sessions_dir or ctx.find_root().params.get("sessions_dir"))
    return 128 + serve_until_signal(listener, command, names=names, token=token)


def app_command(words: Sequence[str], sessions_dir: str | None) -> str:
    """Return the shell command of one process of the app."""
    where = ["--sessions-dir", sessions_dir] if sessions_dir else []
    # Without -P, a file in the current directory could take the place of any module. The shell makes room for us, so
    # that nothing stands between the server and the app.
    return "exec " + shlex.join([sys.executable, "-P", "-m", "perftui", *where, *words])


def _check_verb(ctx: click.Context, words: Sequence[str]) -> None:
    """Refuse now what every connection would be refused."""
    if not words:
        return
    if words[0] not in _SHOWN:
        raise UsageError(
            f"{words[0]!r} has no screen to show in a browser",
            hint=f"perftui serve -- {{{'|'.join(_SHOWN)}}} ...   (nothing after `--` is the home screen)",
        )
    from perftui.cli.verbs import program

    command = program.get_command(ctx, words[0])
    assert command is not None
    command.make_context(f"perftui {words[0]}", list(words[1:])).close()


def _resolve(host: str) -> tuple[socket.AddressFamily, str]:
    """Return the address that a host name means; an empty one would mean every address there is."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise UsageError(f"there is no address called {host!r}", hint="--host 127.0.0.1, which is this machine alone")
    # Of several the older kind: every browser tries that for every name.
    family, _, _, _, place = min(found, key=lambda each: each[0] is not socket.AF_INET)
    return family, str(place[0])


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    try:
        return socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        hint = (
            "--port 0 takes one that is free" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "another --host"
        )
        raise UsageError(f"cannot listen on port {port} of {address}: {error.strerror}", hint=hint) from None


def _but_for(token: str) -> str:
    return " once they have the token, which the network can read" if token else ""


def _url(address: str, listener: socket.socket, token: str) -> str:
    """Return what to open: of every address that is listened on, the machine's name."""
    name = socket.gethostname() if ipaddress.ip_address(address).is_unspecified else address
    host = f"[{name}]" if ":" in name else name
    return f"http://{host}:{listener.getsockname()[1]}/" + (f"?token={token}" if token else "")


def _need_server() -> None:
    try:
        import textual_serve.app_service  # noqa: F401 (whether it is there)
    except ImportError:
        raise UsageError(
            "a browser needs textual-serve, which is not installed", hint="python -m pip install 'perftui[serve]'"
        ) from None
