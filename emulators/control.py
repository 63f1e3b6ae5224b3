"""What a program can do to an emulated messenger, over HTTP as JSON, for programs in another process."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import inspect
import json
from enum import Enum
from typing import Any, Generic, Mapping, Protocol, Sequence

from aiohttp import web

from emulators.fault_counts import FaultCounts, FaultKind


class Controlled(Protocol[FaultKind]):
    @property
    def faults(self) -> FaultCounts[FaultKind]: ...

    def now(self) -> dt.datetime: ...

    def advance(self, seconds: float) -> None: ...


class Control(Generic[FaultKind]):
    """Under ``/_control/``: ``POST <act>`` with the act's arguments (bytes in base64) gives ``{"result"}``;
    ``GET state`` gives everything that can be read, ``GET <name>`` one thing of it;
    ``PUT faults {"faults", "times", "path"}`` switches on these and no others, ``PUT clock {"advance_seconds"}`` and
    ``PUT switches {<name>: <value>}`` set.
    """

    def __init__(
        self,
        emulator: Controlled[FaultKind],
        kinds: type[FaultKind],
        switches: Any,
        acts: Sequence[str],
        readable: Sequence[str],
    ) -> None:
        self._emulator = emulator
        self._kinds = kinds
        self._switches = switches
        self._acts = acts
        self._readable = readable

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_put("/_control/faults", self._set_faults)
        router.add_put("/_control/clock", self._move_clock)
        router.add_put("/_control/switches", self._set_switches)
        router.add_get("/_control/state", self._state)
        router.add_get(f"/_control/{{name:{'|'.join(self._readable)}}}", self._one)
        router.add_post(f"/_control/{{act:{'|'.join(self._acts)}}}", self._act)

    async def _state(self, _: web.Request) -> web.Response:
        state = {name: getattr(self._emulator, name) for name in self._readable}
        switched = {"faults": self._emulator.faults.on, "switches": self._switches}
        return _json({"now": self._emulator.now(), **state, **switched})

    async def _one(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return _json({name: getattr(self._emulator, name)})

    async def _act(self, request: web.Request) -> web.Response:
        act = getattr(self._emulator, request.match_info["act"])
        arguments = dict(await _body(request))
        try:
            if "content" in arguments:
                arguments["content"] = base64.b64decode(arguments["content"], validate=True)
            bound = inspect.signature(act).bind(**arguments)
            result = act(*bound.args, **bound.kwargs)
            return _json({"result": await result if inspect.isawaitable(result) else result})
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, binascii.Error) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from None

    async def _set_faults(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            faults = [self._kinds(name) for name in body["faults"]]
            times = None if body.get("times") is None else int(body["times"])
        except (KeyError, TypeError, ValueError):
            names = ", ".join(str(kind.value) for kind in self._kinds)
            raise web.HTTPBadRequest(text=f"faults: a list of {names}; times: a whole number") from None
        self._emulator.faults.switch_off()
        for fault in faults:
            self._emulator.faults.switch_on(fault, times, str(body.get("path", "")))
        return _json({"on": self._emulator.faults.on})

    async def _move_clock(self, request: web.Request) -> web.Response:
        try:
            self._emulator.advance(float((await _body(request))["advance_seconds"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise web.HTTPBadRequest(text="advance_seconds: a number") from None
        return _json({"now": self._emulator.now()})

    async def _set_switches(self, request: web.Request) -> web.Response:
        body = await _body(request)
        for name, value in body.items():
            known = getattr(self._switches, name, None)
            # A switch that is None now may become a number; True is no number.
            number = known is None or type(known) in (int, float)
            fits = type(value) in (int, float, type(None)) if number else type(value) is type(known)
            if not hasattr(self._switches, name) or not fits:
                raise web.HTTPBadRequest(text=f"switches: no such {name}, or not of its kind")
        for name, value in body.items():
            setattr(self._switches, name, value)
        return _json(self._switches)


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object")
    return body


def _json(value: Any) -> web.Response:
    return web.json_response(text=json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = [part.name for part in dataclasses.fields(value) if part.repr]
        return {name: getattr(value, name) for name in shown}
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(type(value).__name__)
