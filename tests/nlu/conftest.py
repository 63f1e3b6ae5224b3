"""The small model that the tests of the dialogue engine share, and the house of the components."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import structlog

from tests.nlu.house import House
from tests.nlu.small_assistant import train_small_model


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Without this, structlog prints every debug event.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return train_small_model(tmp_path_factory.mktemp("small"))
