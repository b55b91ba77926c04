"""The rewriting for inference changes no numbers beyond rounding. Small networks; full-size ones: test_networks.py."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tha4_core.teacher.attention_unet import AttentionUnet
from tha4_core.teacher.deterministic_weights import fill
from tha4_core.teacher.encoder_decoder import EncoderDecoder
from tha4_core.teacher.folding import convolution_of_repeated, folded

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def unet() -> AttentionUnet:
    network = AttentionUnet((32, 64), pose_size=6)
    fill(network, "small")
    return network.eval()


@pytest.fixture(scope="module")
def encoder_decoder() -> EncoderDecoder:
    network = EncoderDecoder(inputs=4, pose_size=3)
    fill(network, "small")
    return network.eval()


def picture(batch: int, edge: int = 32) -> Tensor:
    """Flat for the most part, as a drawing is."""
    image = torch.full((batch, 4, edge, edge), -1.0)
    image[:, :, 8:24, 8:24] = torch.rand((batch, 4, 16, 16), generator=torch.Generator().manual_seed(1)) * 2 - 1
    return image


@pytest.mark.parametrize("batch", [1, 3])
def test_a_folded_unet_gives_the_plain_ones_numbers(unet: AttentionUnet, batch: int) -> None:
    image, pose = picture(batch), torch.linspace(-1, 1, 6 * batch).view(batch, 6)
    torch.testing.assert_close(folded(unet, CPU, torch.float32)(image, pose), unet(image, pose), atol=2e-5, rtol=0)


@pytest.mark.parametrize("kind", ["unet", "encoder_decoder"])
def test_a_folded_networks_norms_keep_their_epsilon(
    unet: AttentionUnet, encoder_decoder: EncoderDecoder, kind: str
) -> None:
    """One as large as this is seen in every number."""
    network: nn.Module = deepcopy(unet if kind == "unet" else encoder_decoder)
    image, pose = picture(1), torch.ones(1, 6 if kind == "unet" else 3)
    official = network(image, pose)
    for module in network.modules():
        if isinstance(module, (nn.GroupNorm, nn.InstanceNorm2d)):
            module.eps = 1.0
    expected = network(image, pose)
    assert (expected - official).abs().mean() > 1e-2
    torch.testing.assert_close(folded(network, CPU, torch.float32)(image, pose), expected, atol=1e-4, rtol=0)


def test_what_is_added_to_the_first_convolution_is_added_once_folded(unet: AttentionUnet) -> None:
    image, pose, extra = picture(1), torch.ones(1, 6), torch.rand(1, 32, 32, 32)
    small = folded(unet, CPU, torch.float32)
    torch.testing.assert_close(small(image, pose, extra), unet(image, pose, extra), atol=2e-5, rtol=0)
    assert not torch.allclose(small(image, pose, extra), small(image, pose), atol=1e-3)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_folded_encoder_decoder_gives_the_plain_ones_numbers(encoder_decoder: EncoderDecoder, batch: int) -> None:
    image, pose = picture(batch), torch.linspace(0, 1, 3 * batch).view(batch, 3)
    result = folded(encoder_decoder, CPU, torch.float32)(image, pose)
    torch.testing.assert_close(result, encoder_decoder(image, pose), atol=2e-4, rtol=0)


def test_one_encoded_picture_serves_many_poses(encoder_decoder: EncoderDecoder) -> None:
    image, poses = picture(1), torch.rand(3, 3)
    together = encoder_decoder.decode(encoder_decoder.encode(image), poses)
    apart = torch.cat([encoder_decoder(image, pose[None]) for pose in poses])
    torch.testing.assert_close(together, apart, atol=2e-4, rtol=0)


@pytest.mark.parametrize(("precision", "bound"), [(torch.bfloat16, 0.05), (torch.float16, 0.015)])
@pytest.mark.parametrize("kind", ["unet", "encoder_decoder"])
def test_half_precision_is_near(
    unet: AttentionUnet, encoder_decoder: EncoderDecoder, kind: str, precision: torch.dtype, bound: float
) -> None:
    network: nn.Module = unet if kind == "unet" else encoder_decoder
    pose = torch.ones(1, 6 if kind == "unet" else 3)
    result, expected = folded(network, CPU, precision)(picture(1), pose), network(picture(1), pose)
    assert result.dtype == torch.float32
    error = (result - expected).std() / expected.std()
    assert 0 < error < bound


def test_folding_leaves_the_original_to_be_trained(unet: AttentionUnet) -> None:
    before = {name: tensor.clone() for name, tensor in unet.state_dict().items()}
    copy = folded(unet, CPU, torch.bfloat16)
    assert unet.state_dict().keys() == before.keys()
    assert all(torch.equal(tensor, before[name]) for name, tensor in unet.state_dict().items())
    assert all(weight.requires_grad for weight in unet.parameters())
    expected = copy(picture(1), torch.ones(1, 6))
    unet.first_conv.weight.mul_(2.0)
    torch.testing.assert_close(copy(picture(1), torch.ones(1, 6)), expected)
    unet.first_conv.weight.copy_(before["first_conv.weight"])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.booleans(), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
def test_convolving_repeated_pixels_is_one_transposed_convolution(
    inputs: int, outputs: int, each_by_itself: bool, height: int, width: int, seed: int
) -> None:
    torch.manual_seed(seed)
    outputs, groups = (inputs, inputs) if each_by_itself else (outputs, 1)
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, groups=groups, bias=not each_by_itself)
    x = torch.randn(2, inputs, height, width)
    repeated = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    torch.testing.assert_close(convolution_of_repeated(conv)(x), conv(repeated), atol=1e-5, rtol=1e-5)


def test_a_rewritten_network_is_called_again_with_the_same_result(unet: AttentionUnet) -> None:
    """Its scratch memory carries nothing over, not even between sizes."""
    small = folded(unet, CPU, torch.float32)
    first, wide = (small(picture(1, edge), torch.ones(1, 6)) for edge in (32, 64))
    assert torch.equal(small(picture(1, 32), torch.ones(1, 6)), first)
    assert torch.equal(small(picture(1, 64), torch.ones(1, 6)), wide)
