"""THA3's networks and their chain, both variants, against the official code with the same made-up weights."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tha4_core.teacher.golden import assert_matches, network_inputs
from tha4_core.teacher import Teacher
from tha4_core.teacher.deterministic_weights import deterministic_networks
from tha4_core.teacher.editor import Edited
from tha4_core.teacher.systems import THA3_SEPARABLE, THA3_STANDARD, System
from tha4_core.teacher.tha3_networks import Tha3Networks

#: By the prefix that the golden data has for them.
VARIANTS = {"": THA3_STANDARD, "separable/": THA3_SEPARABLE}
#: The fact sheet's, for a network alone and for the chain.
ALONE_MEAN, CHAIN_MEAN = 6e-6, 4e-5
BODY_NETWORKS = ("two_algo_face_body_rotator", "editor")
#: The golden data holds every network of the standard variant, and of the other what differs most.
ALONE = [*(("", name) for name in THA3_STANDARD.networks), *(("separable/", name) for name in BODY_NETWORKS)]


@pytest.fixture(scope="session")
def golden_tha3(shared_tha4: Path) -> dict[str, np.ndarray]:
    return dict(np.load(shared_tha4.parent / "tha3" / "golden" / "tha3.npz"))


@pytest.fixture(scope="session")
def variant(
    separable_networks: Tha3Networks, separable_teacher: Teacher
) -> Callable[[str], tuple[Tha3Networks, Teacher]]:
    """The plain modules of a variant, and the same for inference."""

    @cache
    def make(prefix: str) -> tuple[Tha3Networks, Teacher]:
        if VARIANTS[prefix] is THA3_SEPARABLE:
            return separable_networks, separable_teacher
        networks = deterministic_networks(VARIANTS[prefix])
        assert isinstance(networks, Tha3Networks)
        return networks, Teacher(networks.named_children())

    return make


@pytest.mark.parametrize(("prefix", "name"), ALONE)
def test_a_network_alone_plain_and_rewritten_matches_the_official_one(
    variant: Callable[[str], tuple[Tha3Networks, Teacher]],
    golden_tha3: dict[str, np.ndarray],
    prefix: str,
    name: str,
) -> None:
    networks, teacher = variant(prefix)
    for holder in (networks, teacher.networks):
        with torch.no_grad():
            outputs: list[Tensor] = list(holder.get_submodule(name)(*network_inputs(name, "tha3/")))
        if name == "face_morpher":
            outputs.pop()  # its flow, which THA3's keeps to itself
        assert_matches(outputs, golden_tha3, f"{prefix}alone/{name}", most=1e-4, mean=ALONE_MEAN)


@pytest.mark.parametrize(("prefix", "index"), [("", 1), ("separable/", 0)])
def test_all_29_outputs_of_the_chain_match_the_official_ones(
    variant: Callable[[str], tuple[Tha3Networks, Teacher]],
    golden_tha3: dict[str, np.ndarray],
    lambda_image: Tensor,
    prefix: str,
    index: int,
) -> None:
    poses = torch.from_numpy(golden_tha3["poses"][index : index + 1])
    networks, teacher = variant(prefix)
    with torch.no_grad():
        plain = networks(lambda_image[None], poses)
    for output in (plain, teacher.outputs(lambda_image, poses)):
        assert_matches(output.official(), golden_tha3, f"{prefix}pose{index}", most=1.5e-3, mean=CHAIN_MEAN)


def test_the_published_weights_pose_the_picture_as_the_official_code_does(
    shared_tha4: Path, tha3_weights: Path, lambda_image: Tensor
) -> None:
    golden = dict(np.load(shared_tha4.parent / "tha3" / "golden" / "tha3_real_separable.npz"))
    teacher = Teacher.load(tha3_weights)
    assert teacher.system is THA3_SEPARABLE
    outputs = teacher.outputs(lambda_image, torch.from_numpy(golden["pose"])[None]).official()
    kept = sorted({int(name.split("/")[1].split("_")[0]) for name in golden if name.startswith("real/")})
    assert_matches([outputs[index] for index in kept], golden, "real", most=1.5e-3, mean=CHAIN_MEAN)


@pytest.mark.parametrize("system", VARIANTS.values(), ids=lambda system: system.name)
def test_state_dicts_list_the_official_names_and_shapes_in_the_official_order(
    shared_tha4: Path, system: System
) -> None:
    prefix = "tha3_separable" if system is THA3_SEPARABLE else "tha3"
    for name, kind in system.networks.items():
        with torch.device("meta"):
            state = kind().state_dict()
        listing = shared_tha4.parent / "tha3" / f"{prefix}_state_dict_{name}.tsv"
        with listing.open(encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter="\t"))[1:]
        assert [[key, "x".join(map(str, value.shape)), str(value.dtype)[6:]] for key, value in state.items()] == rows


def test_one_alpha_for_all_channels_forms_the_picture_that_four_did() -> None:
    torch.manual_seed(0)
    alpha = torch.rand(2, 4, 8, 8)
    alpha[:, :, 0] = 0.0  # a sigmoid can end there
    alpha[:, :, 1] = 1.0
    color, warped = torch.rand(2, 2, 4, 8, 8) * 2.0 - 1.0
    edited = Edited(alpha * color + (1.0 - alpha) * warped, alpha, color, warped, torch.zeros(2, 2, 8, 8))
    formed = edited.formed
    assert formed.alpha.shape == (2, 1, 8, 8)
    assert formed.direct.abs().max() <= 1.0
    assert formed.direct.isfinite().all()
    torch.testing.assert_close(
        formed.alpha * formed.direct + (1.0 - formed.alpha) * formed.warped, edited.color_changed, atol=1e-6, rtol=0
    )


def test_the_trainable_networks_pass_gradients_to_every_weight() -> None:
    """New heads that move nothing are the end of none: they stand after what they learn from."""
    torch.manual_seed(0)
    for name in BODY_NETWORKS:
        network = THA3_SEPARABLE.networks[name]()
        torch.nn.init.normal_(network.grid_change_creator.weight, 0.0, 0.05)
        pictures = [torch.rand(1, 4, 32, 32) for _ in range(1 if name == BODY_NETWORKS[0] else 2)]
        flow = [torch.zeros(1, 2, 32, 32)] if len(pictures) == 2 else []
        outputs = network(*pictures, *flow, torch.rand(1, 6))
        sum(output.abs().mean() for output in outputs).backward()
        for key, weight in network.named_parameters():
            assert weight.grad is not None, key
