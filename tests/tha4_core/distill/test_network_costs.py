"""What a picture of each shape costs here."""

from __future__ import annotations

from tests.synthetic import random_networks, synthetic_character
from tha4_core.character.networks import NAMED
from tha4_core.distill.network_costs import network_costs, new_networks
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.pose import neutral_pose


def test_a_character_hears_what_named_networks_and_its_own_would_cost() -> None:
    character = synthetic_character(networks=random_networks(0))
    costs = {cost.name: cost for cost in network_costs(character)}
    assert list(costs) == [*NAMED, "its own"]
    assert [cost.own for cost in costs.values()] == [False] * len(NAMED) + [True]
    for name, networks in NAMED.items():
        assert costs[name].multiply_adds == networks.face_multiply_adds + networks.body_multiply_adds
    light, published = costs["light"], costs["published"]
    assert light.full is not None
    assert published.full is not None
    assert light.head is not None
    assert 0.0 < light.head < light.full < published.full


def test_what_is_measured_shows_its_face() -> None:
    networks = random_networks(1)
    engine = NativeEngine(new_networks(synthetic_character().image_png, networks), threads=1, skip_invisible=False)
    engine.render(neutral_pose())
    assert engine.multiply_adds >= networks.face_multiply_adds + networks.body_multiply_adds


def test_networks_that_have_a_name_are_told_once() -> None:
    assert [cost.name for cost in network_costs(synthetic_character()) if cost.own] == ["published"]
