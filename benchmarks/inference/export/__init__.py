"""Export of models to ONNX."""

from .onnx_file import ExportReport, export_onnx

__all__ = ["ExportReport", "export_onnx"]
