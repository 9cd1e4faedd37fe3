"""Compare the same methods on the features of several networks and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..metrics import METRICS
from ..significance import BlockMetrics, MethodMetrics, ResampledMetrics
from .best_methods import PURPOSES
from .recommendation import MIN_EFFECT
from .results import BackboneComparison

Floats = NDArray[np.float64]

FACTORS = ("network", "views", "classifier")
FINDING = PURPOSES[0]
LEVEL = 0.95


class DependenceCode(StrEnum):
    """Whether the verdict on independent and joint methods depends on the network."""

    DEPENDS = "depends"
    SAME = "same"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True)
class NetworkResult:
    """Results of all methods on the features of one network and its views.

    Attributes
    ----------
    network : str
        The backbone, as the user named it.
    views : str
        The views, as the user named them.
    results : mapping
        The content of `results.json`.
    resampled : ResampledMetrics
        All metrics of all methods on resamples of the test images. Networks that were tested on
        the same images with the same seed have the same resamples, which makes all comparisons
        paired.
    """

    network: str
    views: str
    results: Mapping[str, Any]
    resampled: ResampledMetrics

    @property
    def entries(self) -> dict[str, Mapping[str, Any]]:
        """Entries of the methods that were fitted here, by name."""
        return {
            entry["name"]: entry
            for entry in self.results["methods"]
            if "failed" not in entry and entry["kind"] in ("independent", "joint")
            if entry["name"] in self.resampled.by_method and entry["base"] != "detector"
        }

    @property
    def feature_ms(self) -> float | None:
        """Milliseconds per image to compute the features; None if they were not timed."""
        timed = (self.results.get("cost") or {}).get("features")
        return None if timed is None else float(timed["ms_per_image"])


def compare_backbones(networks: Sequence[NetworkResult]) -> BackboneComparison:
    """Compare networks by all methods that were fitted on each of them.

    Parameters
    ----------
    networks : sequence of NetworkResult
        Every network with every choice of views, tested on the same images. The first one is the
        reference.

    Returns
    -------
    BackboneComparison
        See `decompose`, `pareto_points` and `verdict_dependence`; all differences are paired.
    """
    names = _common_methods(networks)
    comparison = {
        "reference": _label(networks, 0),
        "networks": [_describe(networks, number) for number in range(len(networks))],
        "methods": names,
        "cells": _cells(networks, names),
        "decomposition": _decomposition(networks, names),
        "pareto": pareto_points(networks),
        "dependence": verdict_dependence(networks, names),
    }
    return cast(BackboneComparison, comparison)


def _common_methods(networks: Sequence[NetworkResult]) -> list[str]:
    """Return the methods that were fitted on every network."""
    return [name for name in networks[0].entries if all(name in n.entries for n in networks)]


def _label(networks: Sequence[NetworkResult], number: int) -> str:
    """Return the name of a network, with its views if these differ between the networks."""
    network = networks[number]
    several = len({one.views for one in networks}) > 1
    return f"{network.network} {network.views}" if several else network.network


def _describe(networks: Sequence[NetworkResult], number: int) -> dict[str, Any]:
    network = networks[number]
    best = network.results["best"]
    return {
        "name": _label(networks, number),
        "network": network.network,
        "views": network.views,
        "dimension": network.results["extraction"]["dimension"],
        "ms_per_image": network.feature_ms,
        "verdicts": {key: network.results["verdicts"][key]["code"] for key in PURPOSES},
        "joint_minus_independent": {key: best[key]["comparison"] for key in PURPOSES},
    }


def _cells(networks: Sequence[NetworkResult], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the figures of each method on each network, and the differences from the first."""
    first = networks[0]
    keys = {(number, name): f"{number} {name}" for number in range(len(networks)) for name in names}
    pooled = replace(
        first.resampled,
        by_method={
            key: networks[number].resampled.by_method[name] for (number, name), key in keys.items()
        },
    )
    references = {key: keys[0, name] for (number, name), key in keys.items() if number}
    differences = pooled.against(references)
    return [
        {
            "network": _label(networks, number),
            "method": name,
            "kind": networks[number].entries[name]["kind"],
            **{
                metric: {
                    "value": networks[number].entries[name]["metrics"][metric],
                    **networks[number].entries[name]["intervals"][metric],
                    "against_reference": differences.get(key, {}).get(metric),
                }
                for metric in PURPOSES
            },
        }
        for (number, name), key in keys.items()
    ]


def _decomposition(
    networks: Sequence[NetworkResult], names: Sequence[str]
) -> dict[str, dict[str, Any] | None]:
    """Decompose the variation of each purpose's metric over the crossed factors."""
    backbones = list(dict.fromkeys(one.network for one in networks))
    views = list(dict.fromkeys(one.views for one in networks))
    place = {(one.network, one.views): one for one in networks}
    decomposed: dict[str, dict[str, Any] | None] = {}
    for key in PURPOSES:
        if len(place) < len(backbones) * len(views) or not names:
            decomposed[key] = None  # not every network has every choice of views
            continue
        column = list(METRICS).index(key)
        measured = [
            [[place[b, v].resampled.by_method[name] for name in names] for v in views]
            for b in backbones
        ]
        values = np.array([[[m.values[column] for m in row] for row in part] for part in measured])
        resampled = np.array(
            [[[m.resampled[:, column] for m in row] for row in part] for part in measured]
        )
        stretch = 1 + networks[0].resampled.relative_test_size
        levels = {"network": backbones, "views": views, "classifier": list(names)}
        decomposed[key] = decompose(values, np.moveaxis(resampled, -1, 0), levels, stretch)
    return decomposed


def decompose(
    values: Floats,
    resampled: Floats,
    levels: Mapping[str, Sequence[str]],
    variance_factor: float = 1.0,
) -> dict[str, Any] | None:
    """Decompose the variation of a figure into the shares of its factors and of chance.

    The figures form a complete table of networks, views and classifiers. The sum of squares around
    their mean is divided by a balanced analysis of variance into main effects and interactions
    [1]_. Chance alone gives each of these a positive sum of squares. It is estimated from the same
    resamples of the test images for all cells: the mean sum of squares that the deviations of the
    resampled figures give this effect [2]_. That part of an effect, at most all of it, is the share
    of chance; the rest is the share of the effect. What all cells have in common, such as a
    difficult draw of test images, cancels.

    Parameters
    ----------
    values : array, shape (n_networks, n_views, n_classifiers)
    resampled : array, shape (n_resamples, n_networks, n_views, n_classifiers)
        The same figures on resamples of the test images.
    levels : mapping of str to sequence of str
        Names of the levels of the `FACTORS`.
    variance_factor : float
        Multiplier of the variance of resampling, for the choice of training images.

    Returns
    -------
    dict or None
        ``"shares"``: by effect, they add up to 1; ``"standard_deviation"`` of the figures;
        ``"effects"``: for each factor its ``"means"`` by level and the ``"difference"`` of the
        highest and the lowest with its 95 % interval. None if the figures do not vary.

    References
    ----------
    .. [1] H. Scheffé, "The Analysis of Variance", 1959, chapter 4.
    .. [2] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.

    Examples
    --------
    >>> values = np.array([[[0.5, 0.6]], [[0.7, 0.8]]])  # two networks, two classifiers
    >>> levels = {"network": "ab", "views": ["whole"], "classifier": "xy"}
    >>> shares = decompose(values, np.stack([values, values]), levels)["shares"]
    >>> round(shares["network"], 3), round(shares["classifier"], 3), shares["chance"]
    (0.8, 0.2, 0.0)
    """
    resampled = resampled[~np.isnan(resampled).any(axis=(1, 2, 3))]
    squares = {name: float(value) for name, value in _sums_of_squares(values).items()}
    total = sum(squares.values())
    if np.isnan(values).any() or total <= 0 or not len(resampled):
        return None
    deviations = resampled - resampled.mean(axis=0)
    noise = {
        name: variance_factor * float(value.mean())
        for name, value in _sums_of_squares(deviations).items()
    }
    chance = {name: min(noise[name], square) for name, square in squares.items()}
    shares = {name: (square - chance[name]) / total for name, square in squares.items()}
    shares["chance"] = sum(chance.values()) / total
    return {
        "shares": shares,
        "standard_deviation": float(np.sqrt(total / values.size)),
        "effects": {
            factor: _main_effect(values, deviations, axis, list(levels[factor]), variance_factor)
            for axis, factor in enumerate(FACTORS)
            if len(levels[factor]) > 1
        },
    }


def _sums_of_squares(values: Floats) -> dict[str, Floats]:
    """Return the sum of squares of each effect over the last three axes.

    The interaction of network and classifier is listed on its own, all others together.
    """
    axes = tuple(range(values.ndim - 3, values.ndim))
    effects: dict[frozenset[int], Floats] = {}
    for size in range(4):
        for chosen in combinations(axes, size):
            others = tuple(axis for axis in axes if axis not in chosen)
            effect = values.mean(axis=others, keepdims=True) if others else values
            lower = [part for key, part in effects.items() if key < frozenset(chosen)]
            effects[frozenset(chosen)] = effect - sum(lower)
    squares = {
        key: (np.broadcast_to(part, values.shape) ** 2).sum(axis=axes)
        for key, part in effects.items()
        if key
    }
    network, views, classifier = ({axis} for axis in axes)
    together = frozenset(network | classifier)
    rest = [frozenset(network | views), frozenset(views | classifier), frozenset(axes)]
    return {
        "network": squares[frozenset(network)],
        "views": squares[frozenset(views)],
        "classifier": squares[frozenset(classifier)],
        "network_by_classifier": squares[together],
        "other_interactions": np.sum([squares[key] for key in rest], axis=0),
    }


def _main_effect(
    values: Floats, deviations: Floats, axis: int, levels: Sequence[str], variance_factor: float
) -> dict[str, Any]:
    others = tuple(other for other in range(3) if other != axis)
    means = values.mean(axis=others)
    high, low = int(means.argmax()), int(means.argmin())
    by_level = deviations.mean(axis=tuple(other + 1 for other in others))
    spread = np.sqrt(variance_factor) * (by_level[:, high] - by_level[:, low])
    difference = float(means[high] - means[low])
    bounds = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        "means": dict(zip(levels, means.tolist(), strict=True)),
        "highest": levels[high],
        "lowest": levels[low],
        "difference": difference,
        "low": difference + float(bounds[0]),
        "high": difference + float(bounds[1]),
    }


def pareto_points(networks: Sequence[NetworkResult]) -> list[dict[str, Any]]:
    """Return macro AP against milliseconds per image, features included, for each method.

    A point is on the Pareto front if no other is at least as good at lower cost, or better at the
    same cost.

    Returns
    -------
    list of dict
        ``"network"``, ``"method"``, ``"ms_per_image"``, ``"macro_ap"`` and ``"on_front"``, by
        increasing cost; empty if the features were not timed.
    """
    points: list[dict[str, Any]] = [
        {
            "network": _label(networks, number),
            "method": name,
            "ms_per_image": network.feature_ms + entry["predict_ms_per_image"],
            "macro_ap": entry["metrics"][FINDING],
        }
        for number, network in enumerate(networks)
        for name, entry in network.entries.items()
        if network.feature_ms is not None
        and entry["metrics"][FINDING] is not None
        and entry["predict_ms_per_image"] is not None
    ]
    points.sort(key=lambda point: (point["ms_per_image"], -point["macro_ap"]))
    best = -np.inf
    for point in points:
        point["on_front"] = bool(point["macro_ap"] > best)
        best = max(best, point["macro_ap"])
    return points


def verdict_dependence(networks: Sequence[NetworkResult], names: Sequence[str]) -> dict[str, Any]:
    """Compare what joint methods gain over independent ones on one network and on another.

    For each joint method, the difference from its independent counterpart on the first network is
    subtracted from that on each other network, resample by resample. All these contrasts are
    adjusted together by Holm's procedure.

    Returns
    -------
    dict
        For each of `PURPOSES`: ``"code"``, a `DependenceCode`; and ``"contrasts"``: network,
        method, counterpart, difference of the gains, interval and verdict of each.
    """
    first = networks[0]
    pairs = [
        (name, first.entries[name]["reference"])
        for name in names
        if first.entries[name]["kind"] == "joint" and first.entries[name]["reference"] in names
    ]
    keys = {
        (number, *pair): f"{number} {pair[0]}" for number in range(len(networks)) for pair in pairs
    }
    gains = replace(
        first.resampled,
        by_method={
            key: _difference(
                networks[number].resampled.by_method[name],
                networks[number].resampled.by_method[reference],
            )
            for (number, name, reference), key in keys.items()
        },
    )
    references = {
        key: keys[0, name, reference] for (number, name, reference), key in keys.items() if number
    }
    verdicts = gains.against(references)
    dependence: dict[str, Any] = {}
    for metric in PURPOSES:
        contrasts = [
            {
                "network": _label(networks, number),
                "method": name,
                "counterpart": reference,
                **verdicts[key][metric],
            }
            for (number, name, reference), key in keys.items()
            if number
        ]
        codes = {network.results["verdicts"][metric]["code"] for network in networks}
        depends = any(
            contrast["verdict"] in ("better", "worse") and abs(contrast["difference"]) >= MIN_EFFECT
            for contrast in contrasts
        )
        same = DependenceCode.SAME if len(codes) == 1 else DependenceCode.NOT_SHOWN
        code = DependenceCode.DEPENDS if depends else same
        dependence[metric] = {"code": code.value, "contrasts": contrasts}
    return dependence


def _difference(one: MethodMetrics, two: MethodMetrics) -> MethodMetrics:
    """Return the figures of one method less those of another, as figures of their own."""
    return MethodMetrics(
        one.values - two.values,
        one.resampled - two.resampled,
        BlockMetrics(
            one.blocks.inside - two.blocks.inside, one.blocks.outside - two.blocks.outside
        ),
        {},
        {},
        min(one.positives, two.positives),
    )
