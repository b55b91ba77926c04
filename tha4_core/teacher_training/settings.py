"""Every number of a training, with the paper's as the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

from tha4_core.errors import shown
from tha4_core.teacher.body_morpher import CHANNELS as THA4_ROTATOR
from tha4_core.teacher.editor import CHANNELS as THA3_EDITOR
from tha4_core.teacher.two_algo_face_body_rotator import CHANNELS as THA3_ROTATOR
from tha4_core.teacher.upscaler import CHANNELS as THA4_EDITOR
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import EDGES
from tha4_core.teacher_training.losses import RGB_SHARE, Weights

ROTATOR: Final = "rotator"
EDITOR: Final = "editor"
NETWORKS: Final = (ROTATOR, EDITOR)
SYSTEMS: Final = ("tha4", "tha3", "tha3_separable")
PRECISIONS: Final = ("float32", "bfloat16")
#: Examples of the phases: an epoch, and 18 of them each.
_FIRST: Final = 500_000
_OTHERS: Final = 9_000_000


class Phase(NamedTuple):
    """until: examples seen at its end. coarse: whether an editor sees the rotator's work, and its loss is the third
    phase's."""

    name: str
    until: int
    weights: Weights
    coarse: bool


@dataclass(frozen=True)
class Settings:
    """network: of NETWORKS. system: of SYSTEMS. size: edge of the network's picture; None: 256 for a rotator, 512 for
    an editor. channels: at each resolution; empty: the released network's. examples: of the phases in their order;
    empty: the paper's. l1, perceptual: weights of the terms, the second from the second phase on. rate: Adam's, reached
    after warm_up examples. cool_down: over so many examples at the end the rate falls to nothing, which the paper's
    does not. precision: of convolutions. samples: held-out examples that are measured and shown."""

    network: str = ROTATOR
    system: str = "tha4"
    size: int | None = None
    channels: tuple[int, ...] = ()
    examples: tuple[int, ...] = ()
    batch: int = 16
    rate: float = 1e-4
    warm_up: int = 5_000
    cool_down: int = 0
    beta_1: float = 0.5
    beta_2: float = 0.999
    epsilon: float = 1e-8
    l1: float = 1.0
    perceptual: float = 0.2
    rgb_share: float = RGB_SHARE
    precision: str = "float32"
    seed: int = 0
    samples: int = 16

    @property
    def edge(self) -> int:
        return self.size or (256 if self.network == ROTATOR else 512)

    @property
    def widths(self) -> tuple[int, ...]:
        return self.channels or _RELEASED[self.system == "tha4", self.network]

    @property
    def phases(self) -> tuple[Phase, ...]:
        """THA4's rotator has two, its editor three. How THA3's were trained is not told: its rotator has the same two;
        its editor sees the rotator's work from the start, so it has one of L1 alone, and then the third of THA4's.
        """
        coarse_from = 1 if self.system != "tha4" else 3
        count = 3 if (self.network, self.system) == (EDITOR, "tha4") else 2
        lengths = self.examples or (_FIRST, _OTHERS, _OTHERS)[:count]
        if len(lengths) != count:
            raise TrainingError(f"examples must name {count} phases of this network, not {len(lengths)}.")
        phases, until = [], 0
        for number, length in enumerate(lengths, 1):
            until += length
            weights = Weights(self.l1, self.perceptual if number > 1 else 0.0)
            coarse = self.network == EDITOR and number >= coarse_from
            phases.append(Phase(f"phase {number}", until, weights, coarse))
        return tuple(phases)

    def rate_at(self, examples: int) -> float:
        """Straight up from 0, then constant, and with a cool_down straight down to 0."""
        up = examples / self.warm_up if self.warm_up else 1.0
        down = max(0, self.phases[-1].until - examples) / self.cool_down if self.cool_down else 1.0
        return self.rate * min(1.0, up, down)


_RELEASED: Final = {
    (True, ROTATOR): THA4_ROTATOR,
    (True, EDITOR): THA4_EDITOR,
    (False, ROTATOR): THA3_ROTATOR,
    (False, EDITOR): THA3_EDITOR,
}


def checked(values: dict[str, Any], source: str) -> Settings:
    """Settings from a command line or a file. Raises TrainingError, one sentence for what is wrong first."""
    defaults = asdict(Settings())
    for name, value in values.items():
        if name not in defaults:
            raise TrainingError(f"{source}: there is no setting {shown(name)}; there are {', '.join(defaults)}.")
        rule = _RULES[name]
        if not rule.allows(value):
            raise TrainingError(f"{source}: {name} must be {rule.what}, not {shown(value)}.")
    settings = replace(Settings(), **values)
    _check_shape(settings, source)
    settings.phases  # noqa: B018 - raises for a wrong number of them
    return settings


def document_of(settings: Settings) -> dict[str, Any]:
    """Plain numbers, texts and lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


class _Rule(NamedTuple):
    what: str
    allows: Callable[[Any], bool]


def _choice(choices: tuple[str, ...]) -> _Rule:
    return _Rule(f"one of {', '.join(choices)}", lambda value: value in choices)


def _number(low: float, high: float) -> _Rule:
    return _Rule(
        f"a number from {low:g} to {high:g}", lambda value: type(value) in (int, float) and low <= value <= high
    )


def _whole(low: int, high: int) -> _Rule:
    return _Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def _several(what: str, low: int, high: int) -> _Rule:
    def allows(values: Any) -> bool:
        return isinstance(values, tuple) and all(type(value) is int and low <= value <= high for value in values)

    return _Rule(f"{what}, whole numbers from {low} to {high}", allows)


_RULES: Final[Mapping[str, _Rule]] = {
    "network": _choice(NETWORKS),
    "system": _choice(SYSTEMS),
    "size": _Rule("32, 64, 128, 256, 512 or 1024", lambda value: value is None or value in EDGES),
    "channels": _several("channels at each resolution", 4, 2048),
    "examples": _several("examples of each phase", 1, 10**12),
    "batch": _whole(1, 4096),
    "rate": _number(0.0, 1.0),
    "warm_up": _whole(0, 10**9),
    "cool_down": _whole(0, 10**12),
    "beta_1": _number(0.0, 0.9999),
    "beta_2": _number(0.0, 0.99999),
    "epsilon": _number(0.0, 1.0),
    "l1": _number(0.0, 1e6),
    "perceptual": _number(0.0, 1e6),
    "rgb_share": _number(0.01, 0.99),
    "precision": _choice(PRECISIONS),
    "seed": _whole(0, 2**62),
    "samples": _whole(1, 10_000),
}


def _check_shape(settings: Settings, source: str) -> None:
    widths, edge = settings.widths, settings.edge
    if settings.system == "tha4" and any(width % 32 for width in widths):
        raise TrainingError(f"{source}: channels of THA4's networks must be multiples of 32, not {list(widths)}.")
    if len(widths) < 2 or edge >> (len(widths) - 1) < 4:
        raise TrainingError(
            f"{source}: channels must name from 2 resolutions to one of 4 pixels; {edge} has room for"
            f" {edge.bit_length() - 2}, not {len(widths)}."
        )
