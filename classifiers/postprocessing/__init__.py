"""Threshold tuning and probability calibration."""

from .label_calibrator import LabelCalibrator
from .threshold_tuner import ThresholdTuner, best_threshold

__all__ = ["LabelCalibrator", "ThresholdTuner", "best_threshold"]
