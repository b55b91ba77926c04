"""What settings of a distillation do to its recipes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.built_in import default_character
from tha4_core.character import Character
from tha4_core.character.networks import NAMED, PUBLISHED, Networks
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.pace import Pace
from tha4_core.distill.recipes import Task, recipe_of
from tha4_core.pose import FACE_SIZE

_SHORT = Pace(0.001)


def task(
    teacher: MovingTeacher,
    start: Character | None = None,
    *,
    sees_face: bool = False,
    networks: Networks = PUBLISHED,
) -> Task:
    config = Config(output=Path("a.tha4"), body_sees_face=sees_face)
    return Task(config, teacher, torch.ones(128, 128), None, start, alone(), networks)


@pytest.mark.parametrize("sees_face", [False, True])
def test_a_body_sees_the_face_when_it_is_told_to(teacher: MovingTeacher, sees_face: bool) -> None:
    body = recipe_of("draft").body(task(teacher, sees_face=sees_face), _SHORT)
    first = body.network().state_dict()["siren_layers.0.0.linear.weight"]
    assert bool(first[:, 2 : 2 + FACE_SIZE].any()) == sees_face


@pytest.mark.parametrize("preset", ["draft", "standard", "paper"])
def test_both_networks_may_begin_as_a_characters(teacher: MovingTeacher, preset: str) -> None:
    recipe, character = recipe_of(preset), synthetic_character()
    if preset != "paper":
        # Of its own kind, which is taken whole: what the recipe begins with itself.
        own = recipe.body(task(teacher), _SHORT).network().state_dict()
        character = replace(character, body_morpher={name: value.numpy() for name, value in own.items()})
    begun = task(teacher, character)
    for network, weights in (
        (recipe.face(begun, _SHORT).network(), character.face_morpher),
        (recipe.body(begun, _SHORT).network(), character.body_morpher),
    ):
        for name, value in network.state_dict().items():
            torch.testing.assert_close(value, torch.from_numpy(weights[name]), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("preset", ["draft", "standard", "paper"])
@pytest.mark.parametrize("name", ["light", "balanced"])
def test_every_recipe_trains_every_named_shape(teacher: MovingTeacher, preset: str, name: str) -> None:
    recipe, networks = recipe_of(preset), NAMED[name]
    given = task(teacher, networks=networks)
    for training, shapes in (
        (recipe.face(given, _SHORT), networks.face_shapes),
        (recipe.body(given, _SHORT), networks.body_shapes),
    ):
        made = {tensor: tuple(value.shape) for tensor, value in training.network().state_dict().items()}
        assert made == dict(shapes)


def test_of_another_drawings_body_only_the_coarsest_level_is_kept(teacher: MovingTeacher) -> None:
    recipe = recipe_of("standard")
    own = recipe.body(task(teacher), _SHORT).network().state_dict()
    started = {name: value + 0.01 * torch.rand_like(value) if ".0.0." in name else value for name, value in own.items()}
    other = replace(default_character(), body_morpher={name: value.numpy() for name, value in started.items()})
    begun = recipe.body(task(teacher, other), _SHORT).network().state_dict()
    changed = {name for name in own if not torch.allclose(begun[name], own[name])}
    # What level 1 is told by level 0 is part of its first layer.
    assert {name for name in changed if "siren_layers.0" not in name} <= {"siren_layers.1.0.linear.weight"}
    assert "siren_layers.0.0.linear.weight" in changed


def test_what_is_known_of_a_drawing_is_not_shaken_off(teacher: MovingTeacher) -> None:
    """The first steps change less in a body that begins as one of the same drawing."""
    recipe = recipe_of("standard")
    own = recipe.body(task(teacher), _SHORT).network().state_dict()
    same = replace(synthetic_character(), body_morpher={name: value.numpy() for name, value in own.items()})
    moved = []
    for begun in (recipe.body(task(teacher), _SHORT), recipe.body(task(teacher, same), _SHORT)):
        for _ in range(3):
            begun.step()
        made = begun.network().state_dict()
        moved.append(sum(float((made[name] - own[name]).norm()) for name in own if "siren_layers.0" in name))
    assert moved[1] < 0.2 * moved[0]


def test_nor_is_what_is_known_of_its_face(teacher: MovingTeacher) -> None:
    """Another drawing's face, which has all to learn, changes as one that begins from nothing does."""
    recipe = recipe_of("standard")
    own = recipe.face(task(teacher), _SHORT).network().state_dict()
    weights = {name: value.numpy() for name, value in own.items()}
    same = replace(synthetic_character(), face_morpher=weights)
    other = replace(default_character(), face_morpher=weights)
    moved = []
    for start in (None, other, same):
        begun = recipe.face(task(teacher, start), _SHORT)
        for _ in range(3):
            begun.step()
        made = begun.network().state_dict()
        moved.append(sum(float((made[name] - own[name]).norm()) for name in own))
    assert moved[1] == pytest.approx(moved[0], rel=0.01)
    assert moved[2] < 0.2 * moved[0]


def test_our_recipes_are_for_one_process(teacher: MovingTeacher) -> None:
    two = task(teacher)._replace(world=alone()._replace(size=2))
    with pytest.raises(DistillationError, match="train in one process"):
        recipe_of("standard").body(two, _SHORT)


def test_a_step_of_more_poses_is_one_of_fewer_steps(teacher: MovingTeacher) -> None:
    """As much is shown, and as much work done, at either pace."""
    standard = recipe_of("standard")
    shown = []
    for poses in (1, standard.poses_on_gpu):
        body = standard.body(task(teacher), Pace(0.002 * standard.poses_on_gpu, poses))
        before = body.progress
        body.step()
        assert body.examples == 32 * poses
        shown.append(body.examples / (body.progress - before))
    assert shown[1] == pytest.approx(shown[0], rel=0.02)


def test_a_draft_has_no_fewer_steps_anywhere() -> None:
    assert recipe_of("draft").poses_on_gpu == 1


@pytest.mark.parametrize(("network", "asked"), [("face", 150), ("body", 60)])
def test_the_teacher_is_asked_for_as_many_frames_as_the_pace_says(
    teacher: MovingTeacher, network: str, asked: int
) -> None:
    recipe = recipe_of("standard")
    training = (recipe.face if network == "face" else recipe.body)(task(teacher), Pace(0.001, 1, asked))
    while training.progress < 1:
        training.step()
    assert training.teacher_frames == asked
