from __future__ import annotations

from tha4_core.character import Character
from tha4_core.distill.evaluate import BEST_PSNR, GROUPS, Evaluation, Score, evaluate
from tha4_core.pose import PARAMETERS, neutral_pose
from tha4_core.teacher import StudentTeacher


def test_a_character_is_as_its_own_networks_say(character: Character) -> None:
    told: list[tuple[int, int]] = []
    evaluation = evaluate(character, StudentTeacher(character), 1, lambda done, total: told.append((done, total)))
    assert evaluation.worst(1)[0].psnr > 80.0
    assert evaluation.mean_ssim > 0.999
    assert set(evaluation.groups) == set(GROUPS)
    assert told[-1] == (1 + len(GROUPS), 1 + len(GROUPS))


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
