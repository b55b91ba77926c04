from __future__ import annotations

import numpy as np
import torch

from tha4_core.pose import pose_from_names
from tha4_core.teacher import Teacher
from tha4_core.teacher.face_probe import face_probe
from tha4_core.teacher.networks import FACE_BOX


def test_it_shows_the_face_morpher_each_eye_shut_and_the_mouth_open(teacher: Teacher) -> None:
    face = np.random.default_rng(0).uniform(-1, 1, (4, FACE_BOX.height, FACE_BOX.width)).astype(np.float32)
    response = face_probe(teacher)(face)
    names = ({"eye_wink_left": 1.0, "mouth_aaa": 1.0}, {"eye_wink_right": 1.0})
    poses = torch.from_numpy(np.stack([pose_from_names(values)[12:39] for values in names]))
    with torch.inference_mode():
        both = [teacher.networks.face_morpher(torch.from_numpy(face)[None], pose[None]) for pose in poses]
    left, right = (morphed.eye_alpha[0, 0].numpy() for morphed in both)
    mouth = (both[0].iris_mouth - both[1].iris_mouth).abs().mean(dim=1)[0].numpy()
    for found, expected in zip(response, (left, right, mouth), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)
    assert mouth.max() > 0.0
