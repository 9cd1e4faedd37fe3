"""Sentences about the learning curve."""

from ...analysis.learning_curve import Estimate, MethodCurve

MIN_GAIN = 0.0005
"""A gain that rounds to zero is reported as none."""


def learning_curve_sentence(curve: MethodCurve, unit: str = "image") -> str:
    """Return one sentence about the gain from twice as many training images.

    Parameters
    ----------
    curve : MethodCurve
    unit : str, default="image"

    Returns
    -------
    str

    Examples
    --------
    >>> from catnocat.benchmarks.analysis.learning_curve import CurvePoint, PowerLaw
    >>> ap, gain = Estimate(0.6, 0.58, 0.62), Estimate(0.01, 0.004, 0.017)
    >>> law = PowerLaw(ap, ap, ap)
    >>> curve = MethodCurve("logistic", [CurvePoint(1, 1200, ap, {})], law, gain, {"sea": gain})
    >>> print(learning_curve_sentence(curve))
    Doubling your 1,200 images should add 0.010 (0.004 to 0.017) to macro AP; label sea gains most.
    """
    start = f"Doubling your {curve.points[-1].train_images:,} {unit}s"
    if curve.doubling.value < MIN_GAIN:
        return f"{start} should add nothing that matters to macro AP (at most {_high(curve)})."
    text = f"{start} should add {format_estimate(curve.doubling)} to macro AP"
    best = next(iter(curve.label_gains), None)
    return f"{text}; label {best} gains most." if best is not None else f"{text}."


def format_estimate(estimate: Estimate, digits: int = 3) -> str:
    """Format a figure with its interval.

    Examples
    --------
    >>> format_estimate(Estimate(0.5, 0.45, 0.55))
    '0.500 (0.450 to 0.550)'
    """
    value, low, high = (
        f"{part:.{digits}f}" for part in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low} to {high})"


def _high(curve: MethodCurve) -> str:
    return f"{max(curve.doubling.high, 0):.3f}"
