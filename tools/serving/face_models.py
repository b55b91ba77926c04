"""What finds faces on the mimic page: Google's MediaPipe, Apache License 2.0, none of which is part of this project.

Face Mesh has its models in its package. The reader of ``face_landmarker.task`` has none: that file, whose blendshapes
are more than landmarks show, is the user's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.zip_members import ZipError, list_members
from tools.serving.npm_packages import NpmPackage

#: The last version whose landmarks with irises work from its own files alone (the newest aborts).
FACE_MESH: Final = NpmPackage(
    "@mediapipe/face_mesh",
    "0.4.1633559619",
    "MediaPipe Face Mesh",
    "the face model",
    7,
    "--face-mesh",
    "models/face_mesh/",
    "a65c9a7509560f29e574c026dc6a667d2154617eb3ba0c287db02350de0c116f",
    {
        "face_mesh.binarypb": "139546bf05aebb33e2611b6b945f3a1629c316ca924e33cec1547c85ddef9f53",
        "face_mesh.js": "5db8555ac80ca2ad7366fbb3ea53c0d0959609fc9abb7b8be37a74ec1ac4ba9c",
        "face_mesh_solution_packed_assets.data": "dbe5905c582c0462cdaea17e7e6ecea92edaa8cccc515c5e2e7291f2cbb5fb99",
        "face_mesh_solution_packed_assets_loader.js": (
            "e5de8685b299184813f7cec668e499023937ae521b70f60cd0fc4832930446e0"
        ),
        "face_mesh_solution_simd_wasm_bin.data": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "face_mesh_solution_simd_wasm_bin.js": "ca291877afb9c13308cf6be42f23cd39f1adf0036bb63ecad2ce16073bcf07c7",
        "face_mesh_solution_simd_wasm_bin.wasm": "fb9e9cfe8b83a914e40eab2efd3b0d92a61f82a7c968589f223ab2a7e331d314",
        "face_mesh_solution_wasm_bin.js": "0a532ae8450e7e5f2788cc92ad190210f721446d3fd9cb259fdda958e66102c1",
        "face_mesh_solution_wasm_bin.wasm": "54522fa25c505bf094242f969b4e4919125eb0dadccb568f2af171bbd65865f9",
    },
)
#: The last version that tells its maker nothing (those from 1.0 on do, as far as a page lets them).
TASKS_VISION: Final = NpmPackage(
    "@mediapipe/tasks-vision",
    "0.10.21",
    "MediaPipe Tasks Vision",
    "the reader of face_landmarker.task",
    6,
    "--face-landmarker",
    "models/tasks_vision/",
    "343736570f433c0100ffc360dbe70f09cc502a5fc573f5cd95954692edc9cfde",
    {
        "vision_bundle.mjs": "40f4123dfcd75cfa58add046919cc6f52fde66f009ff582997c09ba54c6ba27c",
        "vision_wasm_internal.js": "4a97e2520ba506c680ecd6ba6acfb146888afa0e2746d57f205352bc6ebb82eb",
        "vision_wasm_internal.wasm": "f00ec4731faa23b3e714d00e88d4d10e2df5c0a427d3a2b4ae6e3526fdd14ef7",
    },
)
#: Where the pages find a face landmarker that the site has.
LANDMARKER_ADDRESS: Final = "models/face_landmarker.task"

_MAX_TASK_BYTES: Final = 32 << 20
#: What is in such a file; without the last there are no blendshapes.
_TASK_MEMBERS: Final = ("face_detector.tflite", "face_landmarks_detector.tflite", "face_blendshapes.tflite")
_MAX_TASK_MEMBERS: Final = 64


class FaceModelError(UserError):
    """A file that is no face landmarker with blendshapes."""


def landmarker_file(path: Path) -> dict[str, Path]:
    """A user's ``face_landmarker.task``, by its address. Raises FaceModelError."""
    wanted = "give Google's face_landmarker.task"
    try:
        members = list_members(read_buffer(path, _MAX_TASK_BYTES, wanted), _MAX_TASK_MEMBERS)
    except FileError as error:
        raise FaceModelError(str(error)) from None
    except ZipError as error:
        raise FaceModelError(f"{path} is no face landmarker: {error}; {wanted}.") from None
    missing = [name for name in _TASK_MEMBERS if name not in members]
    if missing:
        raise FaceModelError(f"{path} is no face landmarker with blendshapes: it lacks {missing[0]}; {wanted}.")
    return {LANDMARKER_ADDRESS: path}
