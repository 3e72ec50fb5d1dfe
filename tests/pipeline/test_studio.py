"""What making needs of a service."""

from __future__ import annotations

from dataclasses import replace

from voxweave_nb import Settings
from voxweave_nb.pipeline.studio import Studio
from voxweave_nb.providers.pool import ProviderPool


def test_the_smaller_budget_of_a_video_counts(tmp_path):
    settings = replace(Settings(home=tmp_path), budget_usd_per_video=2.0, budget_usd=9.0)
    studio = Studio(ProviderPool(settings), settings, ("local",))
    assert studio.budgets(3.0) == {"run": 2.0, "journal": 9.0}
    assert studio.budgets(1.0)["run"] == 1.0
