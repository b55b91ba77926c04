"""Each network alone, and the chain, against the outputs of the official code with the same made-up weights."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.tha4_core.teacher.golden import assert_matches, network_inputs
from tha4_core.teacher import Teacher
from tha4_core.teacher.networks import NETWORKS, Networks

#: Mean difference of a network alone. Sums in the order of another instruction set give up to 1.7e-6; a mistake gives
#: 1e-3, but for a norm's epsilon, which a test of its own looks at.
ALONE_MEAN = 6e-6


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_alone_matches_the_official_one(
    networks: Networks, golden_teacher: dict[str, np.ndarray], name: str
) -> None:
    with torch.no_grad():
        outputs = networks.get_submodule(name)(*network_inputs(name))
    assert_matches(outputs, golden_teacher, f"alone/{name}", most=1e-4, mean=ALONE_MEAN)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_rewritten_for_inference_matches_the_official_one(
    teacher: Teacher, golden_teacher: dict[str, np.ndarray], name: str
) -> None:
    with torch.no_grad():
        outputs = teacher.networks.get_submodule(name)(*network_inputs(name))
    assert_matches(outputs, golden_teacher, f"alone/{name}", most=1e-4, mean=ALONE_MEAN)


def test_every_norm_adds_the_official_epsilon_to_its_variance(networks: Networks) -> None:
    """Another one shows as little as another processor's rounding does: nothing that compares outputs can tell."""
    norms = [module for module in networks.modules() if isinstance(module, (nn.GroupNorm, nn.InstanceNorm2d))]
    assert len(norms) > 100
    assert {norm.eps for norm in norms} == {1e-5}


@pytest.mark.parametrize("index", [pytest.param(0, marks=pytest.mark.slow), 1, 2])
def test_all_33_outputs_of_the_chain_match_the_official_ones(
    chain: Callable[[int], list[Tensor]], golden_teacher: dict[str, np.ndarray], index: int
) -> None:
    assert_matches(chain(index), golden_teacher, f"pose{index}", most=1e-3, mean=1e-5)


@pytest.mark.slow
def test_the_trainable_chain_matches_the_official_one(
    networks: Networks, lambda_image: Tensor, golden_teacher: dict[str, np.ndarray]
) -> None:
    with torch.no_grad():
        output = networks(lambda_image[None], torch.from_numpy(golden_teacher["poses"][1:2]))
    assert_matches(output.official(), golden_teacher, "pose1", most=1e-3, mean=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_state_dicts_list_the_official_names_and_shapes_in_the_official_order(shared_tha4: Path, name: str) -> None:
    with torch.device("meta"):
        state = NETWORKS[name]().state_dict()
    with (shared_tha4 / f"teacher_state_dict_{name}.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    assert [[key, "x".join(map(str, value.shape)), str(value.dtype)[6:]] for key, value in state.items()] == rows


def test_gradients_reach_every_weight_of_a_rotator_through_what_pictures_are_formed_from() -> None:
    networks: dict[str, nn.Module] = {"rotator": NETWORKS["body_morpher"](), "editor": NETWORKS["upscaler"]()}
    torch.manual_seed(0)
    for network in networks.values():
        for weight in network.parameters():
            # New networks start with zeros, past which nothing flows back.
            nn.init.normal_(weight, 0.0, 0.05)
    pose, image = torch.rand(1, 6), torch.rand(1, 4, 32, 32)
    half = networks["rotator"](image, pose)
    final = networks["editor"](image, half.final, half.flow, pose)
    loss = sum(part.abs().mean() for made in (half, final) for part in (made.warped, made.direct, made.final))
    assert isinstance(loss, Tensor)
    loss.backward()
    for network in networks.values():
        for name, weight in network.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.abs().max() > 0, name


def test_new_networks_start_as_the_paper_says() -> None:
    torch.manual_seed(0)
    networks = Networks()
    face = networks.face_morpher
    assert face.bottleneck_blocks[1].resnet_path[0].weight.std().item() == pytest.approx((2 / 4608) ** 0.5, rel=0.01)
    # A transposed convolution's fan-in counts its outputs: that is how the released weights began.
    assert face.upsample_blocks[0][0].weight.std().item() == pytest.approx((2 / (256 * 16)) ** 0.5, rel=0.01)
    assert face.iris_mouth_grid_change.weight.abs().max() == 0
    for unet in (networks.body_morpher.body, networks.upscaler.body):
        zeroed = [unet.last[2], unet.middle_blocks[0].conv1, unet.middle_blocks[1].module.conv]
        assert all(layer.weight.abs().max() == 0 and layer.bias.abs().max() == 0 for layer in zeroed)
    assert networks.upscaler.coarse_image_conv.weight.abs().max() == 0
