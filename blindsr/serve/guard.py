"""Who may ask: a browser on this computer that shows a page of this server, and nobody else.

A page of any other site can make a browser send requests to 127.0.0.1. Three things tell them:

* ``Host``: a name that an attacker points at 127.0.0.1 (DNS rebinding) is not one of ours.
* ``Origin`` and ``Sec-Fetch-Site``, which browsers set and scripts cannot change.
* A header of our own on every request that changes something, which another site's page cannot send without
  being asked first (a CORS preflight), and the answer to that is no.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blindsr.serve.config import HOST_NAMES

ASKED: Final = "x-blindsr"
"""The header that requests must have that change something."""
OWN_SITE: Final = ("same-origin", "none")
"""``Sec-Fetch-Site`` of requests from our own pages, and of addresses that a person typed."""
READING: Final = ("GET", "HEAD")
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI middleware that refuses foreign requests in one line, and adds ``HEADERS`` to every answer."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in HOST_NAMES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in given)]
            await send(message)

        refusal = self.refusal(scope)
        if refusal is None:
            await self.app(scope, receive, with_headers)
        else:
            await PlainTextResponse(refusal[1] + "\n", status_code=refusal[0])(scope, receive, with_headers)

    def refusal(self, scope: MutableMapping[str, Any]) -> tuple[int, str] | None:
        """Status and reason of a request that is refused.

        Args:
            scope: of ASGI.

        Returns:
            None where the request is allowed.
        """
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        method, hosts = scope["method"], headers.get("host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return 421, f"host is {hosts[:1] or 'not named'}; wanted {' or '.join(sorted(self.hosts))}"
        for origin in headers.get("origin", []):
            if origin.lower() not in {f"http://{host}" for host in self.hosts}:
                return 403, f"the request comes from {origin[:80]}; wanted this server's own page"
        for site in headers.get("sec-fetch-site", []):
            opened = scope["path"] == "/" and headers.get("sec-fetch-mode") == ["navigate"]
            if site.lower() not in OWN_SITE and not (opened and method in READING):
                return 403, "the request comes from another site; wanted this server's own page"
        if method not in READING and ASKED not in headers:
            return 403, f"the header {ASKED} is missing; wanted a request of this server's own page"
        return None
