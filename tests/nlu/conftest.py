"""The small model that the tests of the dialogue engine share."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import structlog

from tests.nlu.small_assistant import train_small_model


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Without this, structlog prints every debug event.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return train_small_model(tmp_path_factory.mktemp("small"))
