"""Registration of pairs of small grey images, to find those that are versions of one image.

Corners of both images are described by patches that are turned to the local gradient, matched in
both directions, and the similarity transform (shift, rotation, scale, mirror) on which most matches
agree is estimated. Images count as versions only if the registered images then agree block by
block: two products on white or two pages of one form share their layout, not their content.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]

_LEVELS = ((1.0, 90), (0.7, 60), (0.5, 40))
"""Scales of the pyramid and the number of corners that each contributes."""

_PATCH = 9
_REACH = 9.0
_BORDER = 4
_MIN_COSINE = 0.6
_MAX_MATCHES = 40
_TOLERANCE = 3.0
_MIN_INLIERS = 5
_SCALES = (0.55, 1.8)
_BLOCK = 11
_MIN_OVERLAP = 0.5
_BLOCK_COSINE = 0.6
_GREY = 1e-4

Transform = tuple[complex, complex, bool]
"""z -> m z + t for points z = x + iy, of the mirrored image if the flag is set."""


@dataclass(frozen=True)
class Keypoints:
    """Corners of one image and their descriptors.

    Attributes
    ----------
    image : array of shape (height, width)
        Smoothed grey values.
    points : complex array of shape (n_corners,)
        x + iy, in pixels of `image`.
    descriptors, mirrored : array of shape (n_corners, n_samples)
        Unit vectors; `mirrored` are those of the mirrored image.
    """

    image: Floats
    points: NDArray[np.complex64]
    descriptors: Floats
    mirrored: Floats


def find_keypoints(grey: NDArray[Any]) -> Keypoints:
    """Find the corners of a small grey image and describe them.

    Parameters
    ----------
    grey : array of shape (height, width)
        About 128 pixels on the longer side.
    """
    image = ndimage.gaussian_filter(np.asarray(grey, dtype=np.float32), 1.0)
    points, patches = [], []
    for scale, count in _LEVELS:
        level = (
            image
            if scale == 1
            else ndimage.zoom(image, scale, order=1, grid_mode=True, mode="nearest")
        )
        if min(level.shape) < 3 * _BORDER:
            continue
        found, described = _corners(level, count)
        step = np.array(image.shape)[::-1] / np.array(level.shape)[::-1]
        points.append(
            (found.real + 0.5) * step[0] - 0.5 + 1j * ((found.imag + 0.5) * step[1] - 0.5)
        )
        patches.append(described)
    stacked = np.concatenate(patches) if patches else np.zeros((0, _PATCH, _PATCH), np.float32)
    place = np.concatenate(points) if points else np.zeros(0)
    return Keypoints(
        image,
        place.astype(np.complex64),
        _unit_rows(stacked.reshape(-1, _PATCH * _PATCH)),
        _unit_rows(stacked[:, ::-1].reshape(-1, _PATCH * _PATCH)),
    )


def agreement(a: Keypoints, b: Keypoints) -> float:
    """Return the share of textured blocks that agree once two images are registered.

    Returns
    -------
    float
        From 0 to 1; 0 where no transform is found on which enough corners agree.

    Examples
    --------
    >>> import numpy as np
    >>> noise = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(96, 128)), 2) * 900
    >>> one, mirrored = find_keypoints(noise), find_keypoints(noise[:, ::-1])
    >>> agreement(one, mirrored) > 0.95
    True
    >>> agreement(one, find_keypoints(noise[::-1].T)) == 0
    False
    """
    return best_registration(a, b)[0]


def best_registration(a: Keypoints, b: Keypoints) -> tuple[float, Transform | None]:
    """Return the highest agreement of two images and its transform."""
    scored = [(_agreement(a, b, *transform), transform) for transform in _transforms(a, b)]
    return max(scored, key=lambda entry: entry[0], default=(0.0, None))


def colour_agreement(a: NDArray[Any], b: NDArray[Any], transform: Transform) -> float:
    """Return how well the colours of two registered images agree.

    Colours are compared relative to the brightness, so that a change of brightness does not matter.

    Parameters
    ----------
    a, b : array of shape (height, width, 3)
    transform : (complex, complex, bool)
        From a to b.

    Returns
    -------
    float
        1 if colours are equal or one of the images is grey, near 0 if they are unrelated.
    """
    colours_a, colours_b = _relative_colours(a), _relative_colours(b)
    source, inside = _source_points(a.shape, b.shape, *transform)
    warped = np.stack([_sample(channel, source) for channel in colours_a])[:, inside]
    seen = colours_b[:, inside]
    power_a, power_b = float((warped**2).mean()), float((seen**2).mean())
    if min(power_a, power_b) < _GREY:
        return 1.0
    return float(2 * (warped * seen).mean() / (power_a + power_b))


def _relative_colours(rgb: NDArray[Any]) -> Floats:
    channels = np.moveaxis(np.asarray(rgb, dtype=np.float32), -1, 0)
    smooth = np.stack([ndimage.gaussian_filter(channel, 1.5) for channel in channels])
    grey = smooth.mean(axis=0)
    return np.asarray((smooth - grey) / (grey + 16), dtype=np.float32)


def _corners(level: Floats, count: int) -> tuple[NDArray[np.complex128], Floats]:
    gx = ndimage.sobel(level, axis=1) / 8
    gy = ndimage.sobel(level, axis=0) / 8
    xx, yy, xy = (ndimage.gaussian_filter(part, 1.5) for part in (gx * gx, gy * gy, gx * gy))
    strength = (xx * yy - xy * xy) / (xx + yy + 1e-3)
    peak = (strength == ndimage.maximum_filter(strength, 5)) & (strength > 1e-2)
    peak[:_BORDER] = peak[-_BORDER:] = False
    peak[:, :_BORDER] = peak[:, -_BORDER:] = False
    y, x = np.nonzero(peak)
    best = np.argsort(-strength[y, x], kind="stable")[:count]
    y, x = y[best], x[best]
    wide_x, wide_y = (ndimage.gaussian_filter(part, 3.0)[y, x] for part in (gx, gy))
    turn = np.exp(1j * np.arctan2(wide_y, wide_x))
    grid = np.linspace(-_REACH, _REACH, _PATCH)
    offsets = grid[np.newaxis, :] + 1j * grid[:, np.newaxis]
    where = (x + 1j * y)[:, np.newaxis, np.newaxis] + turn[:, np.newaxis, np.newaxis] * offsets
    smooth = ndimage.gaussian_filter(level, 1.0)
    patches = _sample(smooth, where)
    return x + 1j * y, patches


def _sample(image: Floats, where: NDArray[np.complexfloating[Any, Any]]) -> Floats:
    """Interpolate an image linearly at x + iy; the border is repeated."""
    height, width = image.shape
    x = np.clip(where.real, 0, width - 1.001).astype(np.float32)
    y = np.clip(where.imag, 0, height - 1.001).astype(np.float32)
    left, top = x.astype(np.intp), y.astype(np.intp)
    fx, fy = x - left, y - top
    flat = image.ravel()
    start = top * width + left
    upper = flat[start] * (1 - fx) + flat[start + 1] * fx
    lower = flat[start + width] * (1 - fx) + flat[start + width + 1] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, dtype=np.float32)


def _unit_rows(rows: Floats) -> Floats:
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return np.asarray(rows / length, dtype=np.float32)


def _transforms(a: Keypoints, b: Keypoints) -> Iterable[Transform]:
    """Estimate the transforms from a to b: z -> m z + t, of the mirrored image a if so marked."""
    if len(a.points) < 2 or len(b.points) < 2:
        return
    for mirrored in (False, True):
        cosine = (a.mirrored if mirrored else a.descriptors) @ b.descriptors.T
        best = cosine.argmax(axis=1)
        rows = np.arange(len(best))
        mutual = (cosine.argmax(axis=0)[best] == rows) & (cosine[rows, best] >= _MIN_COSINE)
        rows = rows[mutual]
        rows = rows[np.argsort(-cosine[rows, best[rows]], kind="stable")[:_MAX_MATCHES]]
        if len(rows) < _MIN_INLIERS:
            continue
        p = a.points[rows].conj() if mirrored else a.points[rows]
        if (found := _similarity(p, b.points[best[rows]])) is not None:
            yield (*found, mirrored)


def _similarity(
    p: NDArray[np.complex64], q: NDArray[np.complex64]
) -> tuple[complex, complex] | None:
    """Estimate q = m p + t on which most matches agree, from all pairs of matches."""
    i, j = np.triu_indices(len(p), 1)
    apart = p[i] - p[j]
    far = np.abs(apart) > 8
    i, j, apart = i[far], j[far], apart[far]
    m = (q[i] - q[j]) / apart
    plausible = (np.abs(m) > _SCALES[0]) & (np.abs(m) < _SCALES[1])
    m, i = m[plausible], i[plausible]
    if not len(m):
        return None
    t = q[i] - m * p[i]
    near = np.abs(m[:, np.newaxis] * p + t[:, np.newaxis] - q) < _TOLERANCE
    best = int(near.sum(axis=1).argmax())
    inliers = near[best]
    if inliers.sum() < _MIN_INLIERS:
        return None
    for _ in range(2):
        x, y = p[inliers], q[inliers]
        centred = x - x.mean()
        slope = complex((centred.conj() @ (y - y.mean())) / max((np.abs(centred) ** 2).sum(), 1e-6))
        shift = complex(y.mean() - slope * x.mean())
        inliers = np.abs(slope * p + shift - q) < _TOLERANCE
        if inliers.sum() < _MIN_INLIERS:
            return None
    return slope, shift


def _source_points(
    shape_a: tuple[int, ...], shape_b: tuple[int, ...], m: complex, t: complex, mirrored: bool
) -> tuple[NDArray[np.complexfloating[Any, Any]], NDArray[np.bool_]]:
    """Return the point of a for each pixel of b, and which of them are inside a."""
    height, width = shape_b[:2]
    y, x = np.mgrid[:height, :width]
    source = (x + 1j * y - t) / m
    if mirrored:
        source = source.conj()
    inside = (
        (source.real >= 0)
        & (source.real <= shape_a[1] - 1)
        & (source.imag >= 0)
        & (source.imag <= shape_a[0] - 1)
    )
    return source, inside


def _agreement(a: Keypoints, b: Keypoints, m: complex, t: complex, mirrored: bool) -> float:
    source, inside = _source_points(a.image.shape, b.image.shape, m, t, mirrored)
    # Of the smaller image, this share must be common to both.
    smaller = min(b.image.size, a.image.size * abs(m) ** 2)
    if inside.sum() < _MIN_OVERLAP * smaller:
        return 0.0
    warped = _sample(a.image, source)
    return _block_agreement(warped, b.image, inside)


def _block_agreement(a: Floats, b: Floats, inside: NDArray[np.bool_]) -> float:
    """Return the share of the textured blocks whose grey values correlate."""

    def mean(values: NDArray[Any]) -> Floats:
        padded = ndimage.uniform_filter(values.astype(np.float32), _BLOCK)
        return np.asarray(padded[_BLOCK // 2 :: _BLOCK, _BLOCK // 2 :: _BLOCK])

    whole = mean(inside) > 0.95
    a = np.where(inside, a, 0)
    b = np.where(inside, b, 0)
    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    cosine = both / np.sqrt(np.maximum(var_a, 1e-3) * np.maximum(var_b, 1e-3))
    # A block without texture in both images has no weight; in one image only, it disagrees.
    weight = np.sqrt(
        np.maximum(
            np.maximum(
                var_a / max(float(var_a[whole].mean()) if whole.any() else 1, 1e-3),
                var_b / max(float(var_b[whole].mean()) if whole.any() else 1, 1e-3),
            ),
            0,
        )
    )
    weight = np.where(whole, np.minimum(weight, 1.0), 0)
    if (weight > 0.2).sum() < 6:
        return 0.0
    return float((weight * (cosine > _BLOCK_COSINE)).sum() / weight.sum())
