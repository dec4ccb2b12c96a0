"""A map for each test."""

from __future__ import annotations

import pytest
import ttkbootstrap as ttk

from tests.ui.conftest import WaitUntil
from tests.ui.map.stage import Stage


@pytest.fixture
def stage(root: ttk.App, wait_until: WaitUntil) -> Stage:
    """An empty map, 600 by 440 pixels."""
    return Stage(root, wait_until)
