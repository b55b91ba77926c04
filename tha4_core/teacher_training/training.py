"""One network's training: steps by the paper's recipe, with a state from which it goes on to the last bit."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tha4_core.distill.distributed import World
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import Examples
from tha4_core.teacher_training.losses import Perceptual, editor_loss, rotator_loss
from tha4_core.teacher_training.networks import Coarse, make, new_network
from tha4_core.teacher_training.settings import EDITOR, Phase, Settings, document_of
from tha4_core.teacher_training.vgg import Vgg


class BodyNetworkTraining:
    """A :class:`tha4_core.distill.training.Training` of a rotator or an editor.

    All chance (order of the examples, coins of the perceptual distance) follows from the seed and from how many
    examples were seen, so it is the same in every process and after every interruption. Adam goes on through the
    phases, and its warm-up is not repeated; the layers that a phase adds begin with moments of their own.
    """

    def __init__(
        self, settings: Settings, examples: Examples, world: World, vgg: Vgg | None, coarse: Coarse | None
    ) -> None:
        """coarse: a trained rotator's work, for phases that see it. vgg: None leaves the perceptual terms out.

        Raises TrainingError where a phase would see a rotator that is not given, DistillationError for a batch that
        the processes cannot share.
        """
        if coarse is None and any(phase.coarse for phase in settings.phases):
            raise TrainingError("an editor learns from a trained rotator; give the folder of one with --rotator.")
        world.share(0, settings.batch)
        self._settings, self._data, self._world = settings, examples, world
        self._vgg = None if vgg is None else vgg.to(world.device)
        self._coarse = coarse
        self._network = new_network(settings).to(world.device)
        self._optimiser = torch.optim.Adam(
            self._network.parameters(), settings.rate, (settings.beta_1, settings.beta_2), settings.epsilon
        )
        self._seen = 0
        self._orders: dict[int, NDArray[np.int64]] = {}

    @property
    def examples(self) -> int:
        return self._seen

    @property
    def progress(self) -> float:
        return min(1.0, self._seen / self._settings.phases[-1].until)

    @property
    def phase(self) -> str:
        return self._phase.name

    @property
    def teacher_frames(self) -> int:
        """Nobody is asked."""
        return 0

    @property
    def multiply_adds(self) -> float:
        """Not counted: hours say it."""
        return 0.0

    @property
    def _phase(self) -> Phase:
        phases = self._settings.phases
        return next((phase for phase in phases if self._seen < phase.until), phases[-1])

    def step(self) -> dict[str, float]:
        """One step of Adam on a batch; the terms of the loss and their sum, of this process's share."""
        settings, phase = self._settings, self._phase
        indices = self._indices(self._seen)
        share = [indices[i] for i in self._world.share(0, settings.batch)]
        batch = [self._data[index] for index in share]
        rest, pose, posed = (
            torch.stack([example[part] for example in batch]).to(self._world.device) for part in range(3)
        )
        terms = self._terms(phase, rest, pose, posed)
        loss = torch.stack(list(terms.values())).sum()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._world.average_gradients(self._network)
        self._seen += settings.batch
        for group in self._optimiser.param_groups:
            group["lr"] = settings.rate_at(self._seen)
        self._optimiser.step()
        return {name: float(value.detach()) for name, value in {"loss": loss, **terms}.items()}

    def network(self) -> nn.Module:
        return self._network.eval()

    def state(self) -> dict[str, Any]:
        return {
            "key": self._key(),
            "examples": self._seen,
            "network": dict(self._network.state_dict()),
            "optimiser": self._optimiser.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        if state["key"] != self._key():
            raise ValueError("a training with other settings or other examples")
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._seen = int(state["examples"])

    def _terms(self, phase: Phase, rest: Tensor, pose: Tensor, posed: Tensor) -> dict[str, Tensor]:
        self._network.train()
        coarse = self._coarse(rest, pose) if phase.coarse and self._coarse is not None else None
        made = make(self._network, rest, pose, coarse)
        phi = None
        if self._vgg is not None:
            coins = np.random.default_rng([self._settings.seed, self._seen, 1])
            share = self._settings.rgb_share
            phi = Perceptual(self._vgg, lambda: bool(coins.random() < share), share)
        third = self._settings.network == EDITOR and phase.coarse and phase.weights.perceptual > 0.0
        return (editor_loss if third else rotator_loss)(posed, made, phase.weights, phi)

    def _indices(self, seen: int) -> list[int]:
        """The examples of the next batch: each epoch is a permutation, and the next one follows without a gap."""
        count = len(self._data)
        places = range(seen, seen + self._settings.batch)
        epochs = {place // count for place in places}
        for epoch in epochs - self._orders.keys():
            self._orders[epoch] = np.random.default_rng([self._settings.seed, epoch, 2]).permutation(count)
        self._orders = {epoch: self._orders[epoch] for epoch in epochs}
        return [int(self._orders[place // count][place % count]) for place in places]

    def _key(self) -> str:
        """What may not change when a training goes on."""
        document = {**document_of(self._settings), "data": self._data.identity, "vgg": self._vgg is not None}
        del document["samples"]
        if not self._settings.cool_down:  # trainings of before there was one go on
            del document["cool_down"]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
