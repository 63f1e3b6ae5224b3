"""Faults that are switched on one by one, each for a number of requests or until it is switched off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, Optional, TypeVar

FaultKind = TypeVar("FaultKind", bound=Enum)


@dataclass
class _Left:
    times: Optional[int]
    path: str


class FaultCounts(Generic[FaultKind]):
    """The faults that are on."""

    def __init__(self) -> None:
        self._left: dict[FaultKind, _Left] = {}

    def switch_on(self, fault: FaultKind, times: Optional[int] = None, path: str = "") -> None:
        """``times``: how many requests it spoils; None means until it is switched off. ``path``: only those whose
        path ends so."""
        self._left[fault] = _Left(times, path)

    def switch_off(self, *faults: FaultKind) -> None:
        """All of them when none is named."""
        for fault in faults or tuple(self._left):
            self._left.pop(fault, None)

    @property
    def on(self) -> tuple[FaultKind, ...]:
        return tuple(self._left)

    def strikes(self, fault: FaultKind, path: str = "") -> bool:
        """Whether the fault spoils this request; counts it."""
        left = self._left.get(fault)
        if left is None or not path.endswith(left.path):
            return False
        if left.times is not None:
            left.times -= 1
            if left.times <= 0:
                del self._left[fault]
        return True
