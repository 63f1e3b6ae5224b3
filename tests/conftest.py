"""What several rooms' tests share: the model of the present sources, trained once for the session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model: the one that ``make run`` would use, made if it is absent."""
    from nlu.training import model_path, train

    models = ROOT / "models"
    path = model_path(ROOT, models)
    return path if path.is_file() else train(ROOT, models)
