"""Whether like values lie together: contiguity weights, Gi*, Moran's I, Geary's C, and many tests at once.

References
----------
.. [1] Getis, Ord: The analysis of spatial association by use of distance statistics, Geographical Analysis
   24(3), 1992; Ord, Getis: Local spatial autocorrelation statistics, Geographical Analysis 27(4), 1995.
.. [2] Cliff, Ord: Spatial Processes, Pion 1981, chapters 1 and 2.
.. [3] Benjamini, Hochberg: Controlling the false discovery rate, JRSS B 57(1), 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from geo.geometry.adjacency import Indices
from geo.geometry.projection import Floats

Weights: TypeAlias = Any
"""A square sparse matrix (`scipy.sparse.csr_array`) of weights between n places, zero on the diagonal."""


def contiguous_pairs(cells: ArrayLike, *, tolerance_m: float) -> tuple[Indices, Indices]:
    """Return the pairs of cells that touch, be it in a single point (queen contiguity), each once.

    Parameters
    ----------
    cells : array_like of shapely polygon
        In a metric CRS.
    tolerance_m : float
        Cells that are no farther apart count as touching: survey borders rarely match to the last bit.

    Returns
    -------
    i, j : numpy.ndarray of int
        Places of the two cells, ``i < j``, in ascending order.

    Examples
    --------
    >>> i, j = contiguous_pairs([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)], tolerance_m=0.1)
    >>> i.tolist(), j.tolist()
    ([0], [1])
    """
    polygons = np.asarray(cells, dtype=object)
    i, j = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=tolerance_m)
    once = i < j
    order = np.lexsort((j[once], i[once]))
    return i[once][order], j[once][order]


def contiguity(i: Indices, j: Indices, places: int) -> Weights:
    """Return binary, symmetric weights: 1 between the two places of each pair.

    Parameters
    ----------
    i, j : numpy.ndarray of int
        The pairs, each once.
    places : int
        How many places there are.

    Returns
    -------
    Weights
        Of shape ``(places, places)``.
    """
    rows, columns = np.concatenate([i, j]), np.concatenate([j, i])
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(places, places))


def row_standardised(weights: Weights) -> Weights:
    """Return weights of which each row sums to 1; the row of an island stays empty.

    Parameters
    ----------
    weights : Weights
        Not negative.

    Returns
    -------
    Weights
        In the same shape.
    """
    sums = _row_sums(weights)
    return sparse.diags_array(np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)) @ weights


def islands(weights: Weights) -> NDArray[np.bool_]:
    """Tell which places have no neighbour.

    Parameters
    ----------
    weights : Weights
        Of n places.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        True for an island.
    """
    return np.asarray(_row_sums(weights) == 0)


def gi_star(values: ArrayLike, weights: Weights) -> Floats:
    """Return the Gi* of each place: high among high values, low among low ones.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        What was counted or measured at each place.
    weights : Weights
        Contiguity; each place is its own neighbour as well, with weight 1.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Standard normal deviates; 0 where there is nothing to compare: all values are equal, or all places are
        neighbours of this one.

    Notes
    -----
    With ``W_i = sum_j w_ij``, ``S1_i = sum_j w_ij²``, the mean m and the standard deviation s (divisor n)::

        Gi* = (sum_j w_ij x_j - m W_i) / (s sqrt((n S1_i - W_i²) / (n - 1)))

    References
    ----------
    Ord and Getis 1995, eq. 14.

    Examples
    --------
    >>> chain = contiguity(np.arange(4), np.arange(1, 5), 5)
    >>> gi_star([9, 9, 0, 0, 0], chain).round(3).tolist()
    [2.0, 1.333, -0.333, -2.0, -1.333]
    """
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    with_itself = weights + sparse.eye_array(n)
    sums, squares = _row_sums(with_itself), _row_sums(with_itself**2)
    spread = _deviation(x) * np.sqrt(np.maximum(n * squares - sums**2, 0.0) / max(n - 1, 1))
    distance = with_itself @ x - (x.mean() if n else 0.0) * sums
    return np.asarray(np.divide(distance, spread, out=np.zeros(n), where=spread > 0))


def two_sided(z: ArrayLike) -> Floats:
    """Return how probable so large a standard normal deviate is, in either direction.

    Parameters
    ----------
    z : array_like of float
        Standard normal deviates.

    Returns
    -------
    numpy.ndarray
        Probabilities, 0 to 1.
    """
    return np.asarray(2.0 * special.ndtr(-np.abs(np.asarray(z, dtype=np.float64))))


def false_discovery_adjusted(p: ArrayLike) -> Floats:
    """Return the p-values of many tests, adjusted so that a threshold bounds the share of false discoveries.

    Parameters
    ----------
    p : array_like of float, shape (n,)
        p-values of the single tests.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Adjusted by Benjamini and Hochberg; never below `p`.
    """
    from scipy import stats  # noqa: PLC0415 - it takes half a second, which each start would wait

    single = np.asarray(p, dtype=np.float64)
    return np.asarray(stats.false_discovery_control(single)) if len(single) else single


@dataclass(frozen=True, slots=True)
class Moran:
    """Moran's I with what it would be without any pattern.

    Attributes
    ----------
    i : float
        The statistic; above `expectation` when like values lie together.
    expectation : float
        ``-1 / (n - 1)``.
    variance : float
        Under random permutation of the values.
    """

    i: float
    expectation: float
    variance: float

    @property
    def z(self) -> float:
        """The distance from the expectation in standard deviations."""
        return float((self.i - self.expectation) / np.sqrt(self.variance))


def morans_i(values: ArrayLike, weights: Weights) -> Moran | None:
    """Return Moran's I of the places that have neighbours, or None where it isn't defined.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        What was counted or measured at each place.
    weights : Weights
        As they stand: row-standardise them first if that is wanted.

    Returns
    -------
    Moran or None
        None with fewer than four places with neighbours, or when all values are equal.

    Notes
    -----
    With ``z = x - mean``, ``S0 = sum w_ij``, ``S1 = sum (w_ij + w_ji)² / 2``, ``S2 = sum_i (w_i. + w_.i)²``
    and the kurtosis ``k = n sum z⁴ / (sum z²)²``::

        I = n / S0 * z'Wz / z'z
        var = (n((n²-3n+3)S1 - nS2 + 3S0²) - k((n²-n)S1 - 2nS2 + 6S0²)) / ((n-1)(n-2)(n-3)S0²) - 1/(n-1)²

    References
    ----------
    Cliff and Ord 1981, eq. 1.44 and 2.31.
    """
    x, w = _joined(values, weights)
    n = len(x)
    if n < 4 or not _deviation(x):
        return None
    z = x - x.mean()
    s0 = w.sum()
    s1 = ((w + w.T) ** 2).sum() / 2
    s2 = ((_row_sums(w) + _row_sums(w.T)) ** 2).sum()
    k = n * (z**4).sum() / (z @ z) ** 2
    expectation = -1 / (n - 1)
    randomly = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    by_kurtosis = k * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (randomly - by_kurtosis) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expectation**2
    return Moran(float(n / s0 * (z @ (w @ z)) / (z @ z)), expectation, float(variance))


def gearys_c(values: ArrayLike, weights: Weights) -> float | None:
    """Return Geary's C of the places that have neighbours: below 1 when neighbours are alike.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        What was counted or measured at each place.
    weights : Weights
        As they stand.

    Returns
    -------
    float or None
        None with fewer than two places with neighbours, or when all values are equal.

    Notes
    -----
    ``C = (n - 1) sum_ij w_ij (x_i - x_j)² / (2 S0 sum_i (x_i - mean)²)``.

    References
    ----------
    Cliff and Ord 1981, eq. 1.45.
    """
    x, w = _joined(values, weights)
    if not _deviation(x):
        return None
    z = x - x.mean()
    pairs = w.tocoo()
    differences = (pairs.data * (x[pairs.row] - x[pairs.col]) ** 2).sum()
    return float((len(x) - 1) * differences / (2 * w.sum() * (z @ z)))


def _joined(values: ArrayLike, weights: Weights) -> tuple[Floats, Weights]:
    joined = np.flatnonzero(~islands(weights))
    return np.asarray(values, dtype=np.float64)[joined], weights[joined][:, joined]


def _deviation(x: Floats) -> float:
    """Equal values have no deviation, whatever the mean of them is rounded to."""
    return float(x.std()) if len(x) and np.ptp(x) > 0 else 0.0


def _row_sums(weights: Weights) -> Floats:
    return np.asarray(weights.sum(axis=1), dtype=np.float64).ravel()
