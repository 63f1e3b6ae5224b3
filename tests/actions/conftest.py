"""What the actions' tests share: the small catalogue, and the services over it."""

from __future__ import annotations

import pytest

from knowledge.catalogue import Catalogue
from tests.actions.small_catalogue import small_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return small_catalogue()
