"""California Housing, imitated: the districts of an imagined state."""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np

__all__ = ["synthetic_california_housing"]

_HOUSING_ROWS = 5000
_SMALL_ROWS = 600  # what `version="small"` keeps: the first rows, one region
_HOUSING_SEED = 1990
_LOWEST_PRICE, _HIGHEST_PRICE = 14_999, 500_001

# The coast and the inland border, south to north: (longitude, latitude).
_COAST = np.array(
    [
        (-117.12, 32.54), (-117.28, 33.00), (-117.90, 33.60), (-118.40, 33.74),
        (-118.52, 34.03), (-119.20, 34.15), (-119.60, 34.42), (-120.47, 34.45),
        (-120.65, 35.15), (-121.30, 35.70), (-121.95, 36.60), (-122.05, 36.96),
        (-122.50, 37.50), (-122.52, 37.80), (-123.00, 38.00), (-123.70, 38.92),
        (-124.10, 40.00), (-124.35, 40.44), (-124.10, 41.00), (-124.20, 41.95),
    ]
)  # fmt: skip
_BORDER = np.array([(-114.60, 32.72), (-114.55, 34.90), (-119.95, 39.00), (-119.95, 41.95)])

# Where people live: longitude, latitude, scatter in degrees, share of the rows.
_TOWNS = np.array(
    [
        (-122.42, 37.76, 0.04, 4),  # San Francisco
        (-122.22, 37.50, 0.10, 6),  # the peninsula
        (-121.92, 37.33, 0.10, 8),  # San José
        (-121.45, 38.58, 0.16, 6),  # Sacramento
        (-121.10, 37.75, 0.22, 4),  # Stockton, Modesto
        (-119.78, 36.77, 0.22, 4),  # Fresno
        (-119.03, 35.37, 0.18, 3),  # Bakersfield
        (-121.70, 36.72, 0.15, 2),  # Monterrey
        (-119.65, 34.45, 0.15, 2),  # Santa Bárbara
        (-118.30, 34.03, 0.13, 20),  # Los Angeles
        (-118.48, 34.20, 0.11, 6),  # the San Fernando valley
        (-117.88, 33.76, 0.13, 10),  # Orange
        (-117.35, 34.03, 0.20, 8),  # Riverside, San Bernardino
        (-117.10, 32.82, 0.12, 8),  # San Diego
        (-122.20, 40.30, 0.55, 4),  # the north
        (-118.60, 36.00, 1.10, 5),  # everywhere else
    ]
)  # fmt: skip
_EAST_BAY = (-122.18, 37.78, 0.07)
_SAN_FRANCISCO = (-122.40, 37.65)
_LOS_ANGELES = (-118.40, 34.05)


def synthetic_california_housing() -> tuple[np.ndarray, np.ndarray]:
    """Districts of an imagined state, in the layout of California Housing.

    Returns:
        `(x, y)`, both `float32`. `x` has shape `(5000, 8)`; its columns are, in
        the order of Keras' file: longitude and latitude (degrees, to the
        hundredth), median age of the houses (years, 1 to 52), rooms, bedrooms,
        inhabitants and households of the district (counts), and median income
        (tens of thousands of dollars, 0.4999 to 15.0001). `y`, of shape
        `(5000,)`, is the median house value in dollars, in hundreds, cut to
        14 999–500 001. Rows are ordered by place: the first 600 are one
        region. The arrays are the caller's to modify.

    Only the coast line and the places of the towns are California's; every
    district is drawn at random. Prices depend on income, on the distance to the
    sea and to two metropolitan centres, on age (old houses are dear near the
    centres, cheap inland) and on crowding, with interactions: a linear model
    does not do. The real set is that of Pace and Barry (1997), census of 1990.
    """
    x, y = _housing()
    return x.copy(), y.copy()


@functools.cache
def _housing() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(_HOUSING_SEED)
    n = _HOUSING_ROWS
    longitude, latitude = _places(rng)
    to_sea = _distance_to_coast(longitude, latitude)
    north, south = (
        np.exp(-((_degrees(longitude, latitude, *centre) / 0.75) ** 2))
        for centre in (_SAN_FRANCISCO, _LOS_ANGELES)
    )
    city = np.maximum(north, south)
    sea = np.exp(-to_sea / 0.35)

    age = np.clip(np.rint(24 + 15 * city + rng.normal(0, 10.5, n)), 1, 52)
    income = np.exp(1.19 + 0.12 * sea + 0.06 * city - 0.003 * (age - 28) + rng.normal(0, 0.45, n))
    income = np.clip(np.round(income, 4), 0.4999, 15.0001)
    households = np.exp(6.02 - 0.018 * (age - 28) + rng.normal(0, 0.66, n))
    crowding = np.exp(1.03 - 0.05 * (income - 3.9) / 1.9 + 0.05 * south + rng.normal(0, 0.22, n))
    rooms_each = np.exp(1.62 + 0.085 * (income - 3.9) / 1.9 * 1.6 - 0.10 * city + rng.normal(0, 0.15, n))
    bedrooms_each = 1.0 + np.exp(rng.normal(-2.9, 0.8, n))
    households = np.maximum(np.rint(households), 2)
    rooms = np.maximum(np.rint(households * rooms_each), 4)
    bedrooms = np.maximum(np.rint(households * bedrooms_each), 2)
    population = np.maximum(np.rint(households * crowding), 4)

    wealth = np.log(income / 3.5)
    level = (
        11.42
        + 0.60 * sea
        + 0.70 * north
        + 0.62 * south
        + (0.52 + 0.45 * city) * wealth
        + 0.010 * (age - 30) * (1.5 * city - 0.7)
        - 0.30 * (np.log(crowding) - 1.03)
        + rng.normal(0, 0.165, n)
    )
    price = np.clip(np.round(np.exp(level), -2), _LOWEST_PRICE, _HIGHEST_PRICE)
    price = np.where(price >= 500_000, _HIGHEST_PRICE, price)
    x = np.stack([longitude, latitude, age, rooms, bedrooms, population, households, income], axis=1)
    return x.astype(np.float32), price.astype(np.float32)


def _places(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes of the districts, on land, ordered by town."""
    others = _HOUSING_ROWS - _SMALL_ROWS
    share = _TOWNS[:, 3] / _TOWNS[:, 3].sum()
    town = np.sort(rng.choice(len(_TOWNS), others, p=share))
    centre = np.concatenate([np.tile(_EAST_BAY, (_SMALL_ROWS, 1)), _TOWNS[town, :3]])
    # The suburbs: a few districts lie far from their town.
    scatter = centre[:, 2] * np.exp(rng.normal(0, 0.45, _HOUSING_ROWS))
    longitude = centre[:, 0] + scatter * rng.normal(0, 1.15, _HOUSING_ROWS)
    latitude = centre[:, 1] + scatter * rng.normal(0, 0.9, _HOUSING_ROWS)
    latitude = np.clip(latitude, 32.54, 41.95)
    shore = np.interp(latitude, _COAST[:, 1], _COAST[:, 0])
    border = np.interp(latitude, _BORDER[:, 1], _BORDER[:, 0])
    # Whoever fell into the sea is moved to the beach.
    beach = shore + 0.02 + np.abs(rng.normal(0, 0.05, _HOUSING_ROWS))
    longitude = np.where(longitude < shore, beach, np.minimum(longitude, border))
    return np.round(longitude, 2), np.round(latitude, 2)


def _degrees(longitude, latitude, other_longitude, other_latitude) -> np.ndarray:
    """Distance in degrees of latitude (111 km); at these latitudes, 0.8 per degree east."""
    return np.hypot(0.8 * (longitude - other_longitude), latitude - other_latitude)


def _distance_to_coast(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Degrees of latitude to the nearest stretch of `_COAST`."""
    nearest = np.full(len(longitude), np.inf)
    for (x0, y0), (x1, y1) in pairwise(_COAST):
        dx, dy = 0.8 * (x1 - x0), y1 - y0
        px, py = 0.8 * (longitude - x0), latitude - y0
        along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, np.hypot(px - along * dx, py - along * dy))
    return nearest
