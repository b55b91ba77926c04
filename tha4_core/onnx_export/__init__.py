"""A character as an ONNX model, for programs that know nothing of this project (docs/ONNX.md).

``model.py`` is what is written, ``networks.py`` the two networks in ONNX's operators, ``pictures.py`` the drawing in
and the picture out, ``graph.py`` how operators are put down. Needs the packages ``onnx`` and, to try a model out,
``onnxruntime``; no PyTorch.
"""

from __future__ import annotations

from tha4_core.onnx_export.model import OnnxError, OnnxForm, export_onnx, save_onnx

__all__ = ["OnnxError", "OnnxForm", "export_onnx", "save_onnx"]
