"""What comes of trainings: a folder that a teacher is loaded from, and how good its networks are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tha4_core.teacher_training.memory_examples import MemoryExamples
from tests.tha4_core.teacher_training.tiny_training import ROTATOR_SETTINGS
from tha4_core.distill.distributed import alone
from tha4_core.distill.snapshots import save_snapshot
from tha4_core.files.state_dict_files import dump_state_dict
from tha4_core.student import warp
from tha4_core.teacher import Teacher
from tha4_core.teacher.systems import THA3_SEPARABLE
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.networks import coarse_by, new_network
from tha4_core.teacher_training.quality import mean_flow, of_network, quality, unmoved
from tha4_core.teacher_training.runs import note_settings, read_settings, trained_network, write_teacher
from tha4_core.teacher_training.settings import EDITOR, ROTATOR, Settings
from tha4_core.teacher_training.training import BodyNetworkTraining

pytestmark = pytest.mark.usefixtures("one_torch_thread")


def begun(folder: Path, settings: Settings) -> Path:
    """A training that has learned nothing yet, with its snapshot."""
    coarse = None
    if settings.network == EDITOR:
        coarse = coarse_by(new_network(Settings(ROTATOR, settings.system)))
    training = BodyNetworkTraining(settings, MemoryExamples(8, settings.edge), alone(), None, coarse)
    note_settings(folder, settings)
    save_snapshot(folder, {"training": training.state(), "log": {}}, 0)
    return folder


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a teacher of THA3's separable kind that was never trained."""
    folder = tmp_path_factory.mktemp("faces")
    torch.manual_seed(1)
    for name, network in THA3_SEPARABLE.new_networks():
        (folder / f"{name}.pt").write_bytes(dump_state_dict(network.state_dict()))
    return folder


def test_two_trainings_and_the_faces_of_a_teacher_make_a_teacher(faces: Path, tmp_path: Path) -> None:
    parts = [begun(tmp_path / name, Settings(name, "tha3_separable")) for name in (ROTATOR, EDITOR)]
    write_teacher(tmp_path / "teacher", *parts, faces)
    networks = Teacher.load(tmp_path / "teacher").networks.state_dict()
    assert len(list((tmp_path / "teacher").iterdir())) == 5
    own = Teacher.load(faces).networks.state_dict()
    face = next(name for name in networks if name.startswith("face_morpher"))
    assert torch.equal(networks[face], own[face])
    with pytest.raises(TrainingError, match="holds a training of an editor, not of the rotator"):
        write_teacher(tmp_path / "other", parts[1], parts[1], faces)
    small = begun(tmp_path / "small", Settings(ROTATOR, "tha3_separable", channels=(8, 16)))
    with pytest.raises(TrainingError, match=r"has channels \[8, 16\]; a teacher's files have the released networks'"):
        write_teacher(tmp_path / "other", small, parts[1], faces)


def test_a_training_is_gone_on_with_by_its_own_settings_alone(tmp_path: Path) -> None:
    folder = begun(tmp_path / "run", ROTATOR_SETTINGS)
    assert read_settings(folder) == ROTATOR_SETTINGS
    settings, network, examples = trained_network(folder)
    assert (settings, examples, network.training) == (ROTATOR_SETTINGS, 0, False)
    with pytest.raises(TrainingError, match=r"holds a training with another batch \(4, now 8\)"):
        note_settings(folder, Settings(**{**ROTATOR_SETTINGS.__dict__, "batch": 8}))
    with pytest.raises(TrainingError, match="holds no training"):
        read_settings(tmp_path)
    (folder / "settings.json").write_text("[")
    with pytest.raises(TrainingError, match=r"settings\.json is damaged"):
        read_settings(folder)


def test_what_all_move_alike_is_found_and_a_network_is_measured_beside_it() -> None:
    examples = [MemoryExamples(12, 32)[index] for index in range(12)]
    flows = []
    for example in examples:
        flow = torch.zeros(2, 32, 32)
        flow[0] = 0.3 * example.pose[1]
        flows.append(flow)
    moved = quality(mean_flow(flows, torch.stack([example.pose for example in examples])), examples)
    still = quality(unmoved, examples)
    assert moved.psnr > still.psnr + 20.0
    assert moved.ssim > still.ssim
    # A new network blends half of nothing with the picture at rest.
    network = new_network(ROTATOR_SETTINGS).eval()
    made = of_network(network, None, torch.device("cpu"))(examples[0].rest, examples[0].pose)
    np.testing.assert_allclose(made.numpy(), warp(examples[0].rest[None], torch.zeros(1, 2, 32, 32))[0] / 2, atol=1e-5)
