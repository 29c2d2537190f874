"""Secrets on a command line, blotted out before it is stored or shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"

# Words that make the name of an option, a variable or a header one of a secret.
_SECRET_WORD = re.compile(
    "password|passwd|passphrase|passcode|pass|pwd|secrets?|token|credentials?|auth|authorization|bearer|cookie|dsn"
    "|apikey|accesskey|secretkey|authtoken|accesstoken"
)
# A key alone is mostly something to sort by; it is a secret with one of these beside it, or as an option of its own.
_KEY_COMPANION = re.compile(
    "api|access|private|secret|signing|encrypt|encryption|auth|account|licen[cs]e|client|master|service|app|storage"
    "|shared|ssh|deploy|write|admin"
)
# `--token-file` names a file, `--max-token-count` a number, `--no-auth` nothing: not secrets.
_HARMLESS_END = re.compile(
    "file|path|dir|directory|url|uri|endpoint|name|id|type|count|limit|length|size|len|budget|ttl|timeout|expiry"
    "|algorithm|method|mode|format|header|prefix|policy|field|column|user|username|realm|scheme|stdin|prompt|env"
)
_NEGATIONS = frozenset(("no", "without", "skip", "disable", "ignore", "allow", "require", "enable"))

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_URL_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/\s'\"]{1,512}@")
# NAME=value, NAME: value, "NAME": "value" anywhere in an argument; the value ends with its quote, or at a separator.
_NAME = re.compile(r"""(-{0,2}[A-Za-z_][A-Za-z0-9_.-]{0,80})["']?\s{0,4}[=:]\s{0,4}""")
_VALUE = re.compile(
    r""""[^"]{1,4096}"|'[^']{1,4096}'|(?:Bearer\s+|Basic\s+|Token\s+)?[^\s"'&;,)}\]]{1,4096}""", re.IGNORECASE
)
_KNOWN_TOKENS = re.compile(
    r"\b(?:gh[opusr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}|sk-[A-Za-z0-9_-]{20,255}|pypi-[A-Za-z0-9_-]{16,255}"
    r"|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}"
    r"|eyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{0,2048})?)"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.S
)
_SCHEME_AND_SECRET = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,4096}")
# Programs whose `-u` and `--user` take `name:password`.
_USER_PROGRAMS = frozenset(("curl", "wget", "http", "https", "xh"))


def redact(argv: Sequence[str]) -> tuple[str, ...]:
    """Return a command line with passwords, tokens and keys replaced by `***`.

    Known are options (`--token X`, `--api-key=X`), assignments (`API_KEY=X`, also inside code and headers), credentials
    in URLs, and the shapes of well-known tokens. It errs on the side of blotting out.
    """
    redacted: list[str] = []
    value_follows = False
    takes_user = bool(argv) and argv[0].rpartition("/")[2] in _USER_PROGRAMS
    user_follows = False
    for argument in argv:
        if value_follows and not argument.startswith("-"):
            redacted.append(MASK)
        elif user_follows and ":" in argument:
            redacted.append(f"{argument.partition(':')[0]}:{MASK}")
        else:
            redacted.append(_redact_text(argument))
        value_follows = argument.startswith("-") and "=" not in argument and _is_secret(argument)
        user_follows = takes_user and argument in ("-u", "--user")
    return tuple(redacted)


def _redact_text(text: str) -> str:
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _URL_USER.sub(rf"\1{MASK}@", text)
    text = _redact_assignments(text)
    text = _SCHEME_AND_SECRET.sub(rf"\1 {MASK}", text)
    return _KNOWN_TOKENS.sub(MASK, text)


def _redact_assignments(text: str) -> str:
    parts: list[str] = []
    done = at = 0
    while (name := _NAME.search(text, at)) is not None:
        at = name.end()
        value = _VALUE.match(text, at) if _is_secret(name[1]) else None
        if value is not None:
            quote = value[0][0] if value[0][0] in "\"'" else ""
            parts += [text[done:at], quote, MASK, quote]
            done = at = value.end()
    return "".join((*parts, text[done:]))


def _is_secret(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[0] in _NEGATIONS or _HARMLESS_END.fullmatch(words[-1]):
        return False
    if any(map(_SECRET_WORD.fullmatch, words)):
        return True
    if words == ["key"]:
        return name.startswith("-") or name.isupper()
    return "key" in words and any(map(_KEY_COMPANION.fullmatch, words))
