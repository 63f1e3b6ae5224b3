"""JSON answers whose Vietnamese can be read as it is."""

from __future__ import annotations

import json
from typing import Mapping, Optional

from aiohttp import web


def json_answer(document: object, status: int = 200, headers: Optional[Mapping[str, str]] = None) -> web.Response:
    return web.json_response(
        document, status=status, headers=headers, dumps=lambda value: json.dumps(value, ensure_ascii=False)
    )
