"""Moran's I and Geary's C on the Columbus figures that R's spdep and GeoDa publish."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.geometry.autocorrelation import contiguity, gearys_c, morans_i, row_standardised

FOLDER = os.environ.get("WANGGE_REAL_DATA")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(FOLDER is None, reason="WANGGE_REAL_DATA is unset"),
]


def _neighbours(file: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """Read a GAL file: the number of places, then for each one its number and those of its neighbours."""
    head, *lines = [line.split() for line in file.read_text().splitlines() if line.strip()]
    pairs = [
        (int(name[0]) - 1, int(other) - 1)
        for name, others in zip(lines[::2], lines[1::2], strict=True)
        for other in others
    ]
    i, j = np.array([pair for pair in pairs if pair[0] < pair[1]]).T
    return i, j, int(head[-1])


def test_columbus_crime() -> None:
    folder = Path(FOLDER or "") / "hotspots"
    crime = pd.read_csv(folder / "oldcol.csv").CRIME.to_numpy()
    weights = row_standardised(contiguity(*_neighbours(folder / "oldcol.gal")))
    moran = morans_i(crime, weights)
    assert moran is not None
    assert moran.i == pytest.approx(0.510951264, abs=5e-10)
    assert moran.expectation == pytest.approx(-0.020833333, abs=5e-10)
    assert moran.variance == pytest.approx(0.008908762, abs=5e-10)
    assert gearys_c(crime, weights) == pytest.approx(0.52986993, abs=5e-9)
