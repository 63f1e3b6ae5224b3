"""Everything that can be done to the emulated Telegram, over HTTP as JSON, for programs in another process."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import inspect
import json
from typing import TYPE_CHECKING, Any, Mapping

from aiohttp import web

from emulators.telegram_faults import Fault

if TYPE_CHECKING:
    from emulators.telegram import TelegramEmulator

_ACTS = (
    "citizen_says", "citizen_edits", "citizen_presses", "citizen_sends_photo", "citizen_sends_document",
    "citizen_sends_voice", "citizen_sends_sticker", "citizen_sends_location", "citizen_sends_contact",
    "block", "unblock", "deactivate", "new_group", "group_says", "remove_from_group", "upgrade_group", "advance",
)  # fmt: skip
_SWITCHES: dict[str, tuple[type, ...]] = {"flood_limits": (bool,), "retry_scale": (int, float), "privacy_mode": (bool,)}


class Control:
    """``POST /_control/<act>`` with the act's arguments, bytes in base64, gives ``{"result"}``. ``GET /_control/state``
    gives the ledger and what else is counted. ``PUT /_control/faults {"faults", "times", "method"}``,
    ``PUT /_control/clock {"advance_seconds"}`` and ``PUT /_control/switches {"flood_limits", ...}`` set.
    """

    def __init__(self, emulator: TelegramEmulator) -> None:
        self._emulator = emulator

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/_control/state", self._state)
        router.add_put("/_control/faults", self._set_faults)
        router.add_put("/_control/clock", self._move_clock)
        router.add_put("/_control/switches", self._set_switches)
        router.add_post(f"/_control/{{act:{'|'.join(_ACTS)}}}", self._act)

    async def _state(self, _: web.Request) -> web.Response:
        emulator = self._emulator
        state = {
            "now": emulator.now(),
            "ledger": emulator.ledger,
            "calls": emulator.calls,
            "callback_answers": emulator.callback_answers,
            "deliveries": emulator.deliveries,
            "pending": [*emulator.updates.pending],
            "faults": emulator.faults.on,
            "switches": {name: getattr(emulator, name) for name in _SWITCHES},
        }
        return web.json_response(state, dumps=lambda value: json.dumps(value, default=_plain))

    async def _act(self, request: web.Request) -> web.Response:
        act = getattr(self._emulator, request.match_info["act"])
        arguments = dict(await _body(request))
        try:
            if "content" in arguments:
                arguments["content"] = base64.b64decode(arguments["content"], validate=True)
            bound = inspect.signature(act).bind(**arguments)
            result = act(*bound.args, **bound.kwargs)
            return web.json_response({"result": await result if inspect.isawaitable(result) else result})
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, binascii.Error) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from None

    async def _set_faults(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            faults = [Fault(name) for name in body["faults"]]
            times = None if body.get("times") is None else int(body["times"])
        except (KeyError, TypeError, ValueError):
            names = ", ".join(fault.value for fault in Fault)
            raise web.HTTPBadRequest(text=f"faults: a list of {names}; times: a whole number") from None
        self._emulator.faults.switch_off()
        for fault in faults:
            self._emulator.faults.switch_on(fault, times, str(body.get("method", "")))
        return web.json_response({"on": [fault.value for fault in self._emulator.faults.on]})

    async def _move_clock(self, request: web.Request) -> web.Response:
        try:
            self._emulator.advance(float((await _body(request))["advance_seconds"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise web.HTTPBadRequest(text="advance_seconds: a number") from None
        return web.json_response({"now": self._emulator.now().isoformat()})

    async def _set_switches(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if not all(name in _SWITCHES and isinstance(value, _SWITCHES[name]) for name, value in body.items()):
            raise web.HTTPBadRequest(text=f"switches: {', '.join(_SWITCHES)}")
        for name, value in body.items():
            setattr(self._emulator, name, value)
        return web.json_response({name: getattr(self._emulator, name) for name in _SWITCHES})


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object")
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    raise TypeError(type(value).__name__)
