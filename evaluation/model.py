"""The model that is measured: a version by name, or that of the present sources, trained now if there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from nlu.training import train, up_to_date
from nlu.versions import Version, Versions

ROOT = Path(__file__).parents[1]


def version_to_measure(models: Optional[Path] = None, name: Optional[str] = None) -> Version:
    """Raises TrainingFailed and VersionUnusable."""
    models = models or Path(os.environ.get("MODELS_FOLDER") or ROOT / "models")
    if name is not None:
        return Versions(models).get(name)
    return up_to_date(ROOT, models) or Version.of(train(ROOT, models))
