"""Characters by a seed: many, different, each always the same."""

from __future__ import annotations

import torch

from tha4_core.pose import pose_from_names
from tha4_core.rig.generated import generated_design
from tha4_core.rig.teacher import RigTeacher


def test_fifty_characters_are_fifty_people() -> None:
    designs = [generated_design(seed) for seed in range(50)]
    skins = {design.face.skin.base for design in designs}
    eyes = {design.face.eyes.colours.iris for design in designs}
    faces = {(design.face.contour, design.face.eyes.upper, design.brows.width) for design in designs}
    clothes = {design.description for design in designs}
    assert len(skins) >= 6
    assert len(eyes) == len(faces) == 50
    assert len(clothes) >= 30
    assert {"glasses" in design.description for design in designs} == {True, False}


def test_a_seed_is_always_the_same_character_and_another_one_is_another() -> None:
    one, again, other = (RigTeacher(generated_design(seed)).image for seed in (3, 3, 4))
    assert torch.equal(one, again)
    assert float((one - other).abs().mean()) > 0.02
    # A figure on a transparent ground, its face where the networks look for it, its feet beyond the picture.
    alpha = (one[3] + 1.0) / 2.0
    assert float(alpha[130:200, 220:290].min()) > 0.9
    assert float(alpha[:, :20].max()) == 0.0
    assert float(alpha[511, 240]) > 0.9


def test_it_is_posed_as_every_rig_is() -> None:
    teacher = RigTeacher(generated_design(5))
    turned = torch.from_numpy(pose_from_names({"head_y": 1.0, "body_z": -1.0, "mouth_aaa": 1.0}))
    output = teacher.pose(turned[None])
    assert float((output.final[0] - teacher.image).abs().mean()) > 0.01
    assert float(output.flow.abs().max()) > 0.02
