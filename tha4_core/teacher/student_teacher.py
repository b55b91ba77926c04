"""An existing character as a teacher: its own student networks say how it looks.

For trying distillation without the teacher's weights, and for distilling a character into another form.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.engines.outputs import student_outputs
from tha4_core.picture.region import Region, as_region
from tha4_core.student import FACE_EDGE, paste_face
from tha4_core.teacher.inputs import check_device, check_poses
from tha4_core.teacher.interface import CharacterTeacher, Formed, TeacherOutput
from tha4_core.teacher.networks import cut
from tha4_core.teacher.outputs import empty_output, write_output


class StudentTeacher(CharacterTeacher):
    """A teacher whose answers are those of ``tha4_core.student``, up to rounding, one pose at a time.

    A region costs in proportion to its area. There are no pictures at half resolution.
    """

    def __init__(self, character: Character, device: str | torch.device = "cpu") -> None:
        """Raises TeacherError when the device cannot be used, PictureError when the character's picture is none."""
        self._device = check_device(device)
        self._networks = student_outputs(character, str(self._device))
        self._image = torch.from_numpy(character.network_image).to(self._device)
        self._provenance = {
            "teacher": "a student character",
            "teacher_character": character.info.name,
            "teacher_digest": character.digest,
        }

    @property
    def image(self) -> Tensor:
        return self._image

    @property
    def provenance(self) -> dict[str, str]:
        return dict(self._provenance)

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        rectangle = as_region(region)
        poses = check_poses(poses, self._device)
        output = empty_output(len(poses), rectangle, self._device, half=False)
        with torch.no_grad():
            for index, pose in enumerate(poses.cpu().numpy()):
                picture = paste_face(self._image[None], self._networks.face(pose)[None])  # (1, 4, 512, 512)
                made = self._networks.outputs(pose, rectangle)
                formed = Formed(*(part[None] for part in (made.final, made.alpha, made.warped, made.flow, made.direct)))
                write_output(output, index, formed, cut(picture, rectangle), None)
        return output

    def pose_face(self, poses: Tensor) -> Tensor:
        poses = check_poses(poses, self._device)
        faces = torch.empty((len(poses), 4, FACE_EDGE, FACE_EDGE), device=self._device)
        for index, pose in enumerate(poses.cpu().numpy()):
            faces[index] = self._networks.face(pose)
        return faces
