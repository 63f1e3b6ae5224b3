"""What every answer of the server has in common: headers that keep it safe, and errors said in words."""

from __future__ import annotations

import logging
from typing import Awaitable, Callable, Mapping, Optional

from aiohttp import web

from connectors.json_answers import json_answer
from connectors.limits import BodyBroken

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BEGUN = web.RequestKey("begun", bool)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
# For answers that are no pages; a page brings a policy of its own.
_NO_PAGE = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}
_KEPT_HEADERS = ("Allow", "Retry-After")

# Status: name, Vietnamese, English.
_ERRORS: Mapping[int, tuple[str, str, str]] = {
    400: ("bad_request", "Yêu cầu không đúng.", "The request is not well formed."),
    403: ("forbidden", "Địa chỉ này chỉ dành cho trang của chúng tôi.", "This address is for our own pages."),
    404: ("not_found", "Không có trang này.", "There is no such page."),
    405: ("wrong_method", "Địa chỉ này không nhận cách gọi đó.", "This address does not take that method."),
    413: ("too_large", "Nội dung gửi lên quá lớn.", "The body is too large."),
    429: ("too_many", "Quá nhiều kết nối cùng lúc. Xin thử lại sau.", "Too many open connections. Please try later."),
    500: ("failed", "Máy chủ gặp sự cố. Xin thử lại sau ít phút.", "The server has a problem. Please try again later."),
}


def add_guard(app: web.Application) -> None:
    """Every route of this application, and every address it does not have."""
    app.middlewares.append(_answer_errors)
    app.on_response_prepare.append(_complete_headers)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _draw(request, error.status, error.headers)
    except BodyBroken:
        return _draw(request, 400)
    except Exception:
        resource = request.match_info.route.resource
        # The route, not the address that was asked for: it may hold what a citizen typed.
        logger.exception("a request for %s failed", resource.canonical if resource else "an unknown address")
        if request.get(_BEGUN):  # a second answer on the same line would be nonsense
            raise
        return _draw(request, 500)


def _draw(request: web.Request, status: int, given: Optional[Mapping[str, str]] = None) -> web.Response:
    name, vietnamese, english = _ERRORS.get(status) or _ERRORS[400 if status < 500 else 500]
    headers = {key: given[key] for key in _KEPT_HEADERS if given and key in given}
    if "text/html" in request.headers.get("Accept", ""):
        return web.Response(status=status, text=f"{vietnamese}\n{english}\n", headers=headers)
    return json_answer({"error": name, "vi": vietnamese, "en": english}, status, headers)


async def _complete_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[_BEGUN] = True
    response.headers.pop("Server", None)  # tells attackers versions and nobody else anything
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response.headers.update(_NO_PAGE)
