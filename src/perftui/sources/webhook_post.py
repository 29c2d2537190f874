"""Tells one address of an alert: a script of its own with the standard library alone, ended by whoever started it.

Address and body come in the environment, which no other user can read. It prints the status of the answer, or on
stderr why there was none. Redirects are not followed, and of the answer nothing but the status is read.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from http.client import HTTPException

URL, BODY = "PERFTUI_WEBHOOK_URL", "PERFTUI_WEBHOOK_BODY"
SOCKET_LIMIT_S = 10.0


def main() -> int:
    """Post once; return 0 where the answer was one of success."""
    handlers = (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler)
    # Built by hand: the usual opener follows redirects, and takes files and ftp for addresses.
    opener = urllib.request.OpenerDirector()
    for handler in handlers:
        opener.add_handler(handler())
    headers = {"Content-Type": "application/json", "User-Agent": "perftui"}
    try:
        request = urllib.request.Request(os.environ[URL], os.environ[BODY].encode(), headers, method="POST")
        answer = opener.open(request, timeout=SOCKET_LIMIT_S)
        if answer is None:
            raise ValueError("no address of http or https")
        status = int(answer.status)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        print(getattr(reason, "strerror", None) or reason, file=sys.stderr)
        return 1
    print(status)
    return 0 if 200 <= status < 300 else 1


if __name__ == "__main__":
    # At once: closing the connection in order may mean to read what never ends.
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
