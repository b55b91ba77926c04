from __future__ import annotations

from dataclasses import replace

import numpy as np

from tha4_core.character import Character
from tha4_core.distill.evaluate import BEST_PSNR, ENDS, GROUPS, Evaluation, Score, StudentPictures, evaluate
from tha4_core.pose import PARAMETERS, neutral_pose
from tha4_core.teacher import StudentTeacher
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility, pixels_of


def test_a_character_is_as_its_own_networks_say(character: Character) -> None:
    told: list[tuple[int, int]] = []
    evaluation = evaluate(character, StudentTeacher(character), 1, lambda done, total: told.append((done, total)))
    assert evaluation.worst(1)[0].psnr > 80.0
    assert evaluation.mean_ssim > 0.999
    assert set(evaluation.groups) == {*GROUPS, ENDS}
    assert told[-1] == (2 + len(GROUPS), 2 + len(GROUPS))


def test_what_no_engine_shows_of_a_character_is_not_in_its_pictures(character: Character) -> None:
    shown = np.zeros(SHAPE, np.bool_)
    shown[:, 20:40] = True
    mask = Visibility(shown.astype(np.uint8) * EVERY_LEAN, character.look, 1, 1, 3, 0)
    whole = StudentPictures(character)(neutral_pose())
    made = StudentPictures(replace(character, visibility=mask))(neutral_pose())
    assert np.array_equal(made, np.where(pixels_of(shown), whole, -1.0))
    assert not np.array_equal(made, whole)


def test_groups_cover_every_parameter_once() -> None:
    categories = [category for group in GROUPS.values() for category in group]
    assert sorted(categories) == sorted({parameter.category for parameter in PARAMETERS})


def test_the_worst_come_first_and_figures_are_rounded() -> None:
    scores = tuple(Score(neutral_pose(), value, 0.91239) for value in (31.0, BEST_PSNR, 25.556))
    evaluation = Evaluation(scores, {"mouth": 30.126})
    assert [score.psnr for score in evaluation.worst(2)] == [25.556, 31.0]
    assert evaluation.to_json() == {
        "held_out_poses": 3,
        "psnr_mean": 52.19,
        "psnr_worst": 25.56,
        "ssim_mean": 0.9124,
        "psnr_by_group": {"mouth": 30.13},
    }
