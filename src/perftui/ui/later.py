"""What a widget or a screen does after a while, however busy the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def later(whose: MessagePump, seconds: float, do: Callable[[], object]) -> asyncio.TimerHandle:
    """Do something of a widget or a screen after some time, unless it is cancelled or that is gone by then.

    A timer of Textual that is to fire once never does where the process had to wait longer than its time just when the
    timer began: whoever relies on it waits for ever.
    """
    return asyncio.get_running_loop().call_later(seconds, whose.call_next, do)
