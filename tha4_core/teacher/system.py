"""The teacher as people use it: weights from a directory, a picture and poses in, posed pictures out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from tha4_core.picture.region import Region, as_region
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP
from tha4_core.teacher.checkpoints import iterate_networks, recognise
from tha4_core.teacher.folding import folded
from tha4_core.teacher.inputs import check_device, check_image, check_poses
from tha4_core.teacher.interface import CharacterTeacher, Formed, TeacherError, TeacherOutput
from tha4_core.teacher.networks import FACE_BOX, PictureStage, SystemOutput, cut
from tha4_core.teacher.outputs import empty_output, write_output
from tha4_core.teacher.systems import System, system_of
from tha4_core.teacher.tha3_networks import Tha3Output

_PRECISIONS: Final = (torch.float32, torch.bfloat16, torch.float16)
#: The student's face within the face morpher's box.
_STUDENT_FACE: Final = Region(FACE_LEFT - FACE_BOX.x, FACE_TOP - FACE_BOX.y, FACE_EDGE, FACE_EDGE)
#: Poses worked on at once. On a CPU one picture keeps all cores busy, and more of them only leave the caches.
_BATCH_CPU: Final = 1
_BATCH_ELSEWHERE: Final = 8


class Teacher:
    """The five networks of THA4 or of THA3, for inference; one thread at a time.

    Memory: weights 0.7 GB (half of that in half precision; THA3's separable ones 0.06 GB); at work up to 0.5 GB for
    each pose at once, of which there are one on a CPU and eight elsewhere. On a CPU a process that keeps
    what it frees (:func:`tha4_core.memory.keep_freed_memory`) takes two thirds of the time.
    """

    def __init__(
        self,
        networks: Iterable[tuple[str, nn.Module]],
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        system: System | None = None,
    ) -> None:
        """networks: by name, as ``Networks().named_children()``; they are copied, and taken as they are now.

        dtype: what convolutions are computed in; pictures, flow and alpha are float32 always. float16 is for GPUs:
        processors that lack it take longer by far. system: which they are of; None to look. Raises TeacherError.
        """
        if dtype not in _PRECISIONS:
            raise TeacherError(f"a teacher computes in float32, bfloat16 or float16, not in {dtype}.")
        self._device = check_device(device)
        self._dtype = dtype
        digest = hashlib.sha256()
        made = list(_prepared(networks, self._device, dtype, digest))
        self.system = system or system_of(dict(made))
        #: As :class:`Networks` or :class:`Tha3Networks`, folded: to be called, not to be trained.
        self.networks = self.system.chain(made)
        self._weights_digest = digest.hexdigest()
        self._picture: PictureStage | None = None

    @classmethod
    def load(
        cls, directory: Path | str, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float32
    ) -> Teacher:
        """The teacher of a directory with the five released ``.pt`` files of any system.

        Which one it is, ``system`` tells: it shows in the files. Raises WeightsError, TeacherError.
        """
        system = recognise(directory)
        return cls(iterate_networks(directory, system), device, dtype, system)

    @property
    def device(self) -> torch.device:
        return self._device

    @property
    def provenance(self) -> dict[str, str]:
        """What a character made with this teacher says of it."""
        return {
            "teacher": f"{self.system.description}, in {str(self._dtype).removeprefix('torch.')}",
            "teacher_weights": self._weights_digest,
        }

    def of(self, image: Tensor, provenance: Mapping[str, str] | None = None) -> CharacterTeacher:
        """This teacher for one drawing (4, 512, 512); ``provenance``: what else is known. Raises TeacherError."""
        return DrawingTeacher(self, check_image(image, self._device).clone(), provenance or {})

    def pose(self, image: Tensor, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        """image (4, 512, 512), linear, premultiplied, in [-1, 1]; poses (n, 45); as CharacterTeacher.pose.

        Raises TeacherError, PoseError, RegionError.
        """
        rectangle = as_region(region)
        image, poses = check_image(image, self._device), check_poses(poses, self._device)
        output = empty_output(len(poses), rectangle, self._device, half=True)
        with torch.inference_mode():
            for start, part in self._batches(poses):
                made = self._run(image, part)
                final = Formed(*(cut(tensor, rectangle) for tensor in made.final))
                write_output(output, start, final, cut(made.face.full, rectangle), made.half)
        return output

    def pose_face(self, image: Tensor, poses: Tensor) -> Tensor:
        """image (4, 512, 512), poses (n, 45) -> (n, 4, 128, 128), as CharacterTeacher.pose_face.

        The body's networks are not run. Raises TeacherError, PoseError.
        """
        image, poses = check_image(image, self._device), check_poses(poses, self._device)
        faces = torch.empty((len(poses), 4, FACE_EDGE, FACE_EDGE), device=self._device)
        with torch.inference_mode():
            for start, part in self._batches(poses):
                face = self.networks.pose_face(self._look(image), part)
                faces[start : start + len(part)] = cut(face.morphed.final, _STUDENT_FACE)
        return faces

    @torch.no_grad()
    def outputs(self, image: Tensor, poses: Tensor) -> SystemOutput | Tha3Output:
        """Everything that the networks make of a few poses, all at once. Raises TeacherError, PoseError."""
        return self._run(check_image(image, self._device), check_poses(poses, self._device))

    def _run(self, image: Tensor, poses: Tensor) -> SystemOutput | Tha3Output:
        return self.networks.pose(self._look(image), poses)

    def _look(self, image: Tensor) -> PictureStage:
        """What depends on the picture alone, kept until another picture comes."""
        if self._picture is None or not torch.equal(self._picture.image[0], image):
            # A clone, so that changing the picture in place is noticed; without inference mode, which would make
            # tensors that no later caller may use outside it.
            with torch.inference_mode(False), torch.no_grad():
                self._picture = self.networks.look(image.clone()[None])
        return self._picture

    def _batches(self, poses: Tensor) -> Iterator[tuple[int, Tensor]]:
        size = _BATCH_CPU if self._device.type == "cpu" else _BATCH_ELSEWHERE
        for start in range(0, len(poses), size):
            yield start, poses[start : start + size]


class DrawingTeacher(CharacterTeacher):
    """A :class:`Teacher` of one drawing."""

    def __init__(self, teacher: Teacher, image: Tensor, provenance: Mapping[str, str]) -> None:
        self._teacher = teacher
        self._image = image
        self._provenance = {**teacher.provenance, **provenance}

    @property
    def teacher(self) -> Teacher:
        """Of any drawing."""
        return self._teacher

    @property
    def image(self) -> Tensor:
        return self._image

    @property
    def provenance(self) -> dict[str, str]:
        return dict(self._provenance)

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        return self._teacher.pose(self._image, poses, region)

    def pose_face(self, poses: Tensor) -> Tensor:
        return self._teacher.pose_face(self._image, poses)


def _prepared(
    networks: Iterable[tuple[str, nn.Module]], device: torch.device, dtype: torch.dtype, digest: hashlib._Hash
) -> Iterator[tuple[str, nn.Module]]:
    """Each network folded, its weights added to ``digest``."""
    for name, network in networks:
        for key, tensor in network.state_dict().items():
            digest.update(f"{name}/{key}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy())
        yield name, folded(network, device, dtype)
