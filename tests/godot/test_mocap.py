"""A tracked face sent over UDP into the running engine, and what its readers make of hostile datagrams."""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.godot.engine import SCENARIOS, Godot
from tests.godot.osc import osc_bundle, osc_message, osc_text
from tests.godot.test_codecs import collect
from tha4_core.pose import NAMES

COEFFICIENTS = "addons/anime_character/mocap/face_coefficients.gd"
#: The official solver of the mouth stops early now and then (MOCAP.md section 7).
SOLVED = [NAMES.index(f"mouth_{vowel}") for vowel in ("aaa", "iii", "uuu", "ooo")]


@pytest.fixture(scope="module")
def golden_mocap(shared_tha4: Path) -> dict[str, Any]:
    """What the official converters make of faces."""
    golden: dict[str, Any] = json.loads((shared_tha4 / "golden" / "mocap.json").read_text())
    return golden


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def poses_in_godot(
    godot: Godot, folder: Path, protocol: str, cases: Sequence[Mapping[str, Any]], datagrams: Sequence[Sequence[bytes]]
) -> list[list[float]]:
    """The pose that a character shows after the datagrams of each case."""
    port = free_udp_port()
    (folder / "cases.json").write_text(json.dumps(cases))
    given = {"protocol": protocol, "port": str(port), "cases": str(folder / "cases.json")}
    running = godot.start_scenario(SCENARIOS / "mocap.gd", given)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number, parts in enumerate(datagrams):
                running.wait_for(f"case={number}\n")
                for part in parts:
                    sender.sendto(part, ("127.0.0.1", port))
        run = running.wait().check()
    finally:
        running.stop()
    assert run.value("ignored") == "0"
    assert not run.warnings
    return [[float(value) for value in pose.split()] for pose in run.values("pose")]


def assert_like_the_official_converter(shown: Sequence[Sequence[float]], golden: Sequence[Mapping[str, Any]]) -> None:
    assert len(shown) == len(golden) > 0
    for pose, case in zip(shown, golden, strict=True):
        for index, (value, expected) in enumerate(zip(pose, case["output"], strict=True)):
            assert value == pytest.approx(expected, abs=1e-3 if index in SOLVED else 1e-6), NAMES[index]


def ifacialmocap(face: Mapping[str, float]) -> bytes:
    """A datagram of version 2 (MOCAP.md section 5)."""
    fields = [
        f"{re.sub('Left$', '_L', re.sub('Right$', '_R', name))}&{value * 100:.6f}"
        for name, value in face.items()
        if not name.startswith("headBone") and isinstance(value, float)
    ]
    head = [math.degrees(face[f"headBone{axis}"]) for axis in "XYZ"]
    return "|".join([*fields, "hapihapi&0", "=head#" + ",".join(f"{angle:.9f}" for angle in [*head, 1, 2, 3])]).encode()


def test_ifacialmocap_gives_the_poses_of_the_official_converter(
    godot: Godot, tmp_path: Path, golden_mocap: dict[str, Any]
) -> None:
    golden = golden_mocap["ifacialmocap"]
    cases = [
        {
            "brow_down": case["eyebrow_down_mode"],
            "wink": case["wink_mode"],
            "frowns": False,  # the official converter's oversight
            "head_offset": [0, 0, 0],
        }
        for case in golden
    ]
    shown = poses_in_godot(godot, tmp_path, "ifacialmocap", cases, [[ifacialmocap(case["input"])] for case in golden])
    assert_like_the_official_converter(shown, golden)


def unity_quaternion(rotation: np.ndarray) -> list[float]:
    """A right-handed rotation (x to the face's left, z out of the face) as Unity's left-handed x, y, z, w."""
    w = math.sqrt(max(0.0, 1 + np.trace(rotation))) / 2
    x = (rotation[2, 1] - rotation[1, 2]) / (4 * w)
    y = (rotation[0, 2] - rotation[2, 0]) / (4 * w)
    z = (rotation[1, 0] - rotation[0, 1]) / (4 * w)
    return [float(x), -float(y), -float(z), w]


def vmc(case: Mapping[str, Any]) -> list[bytes]:
    """A performer's datagrams: some blendshapes alone, the rest and the head's bone in a bundle."""
    values = [
        osc_message("/VMC/Ext/Blend/Val", name[0].upper() + name[1:], float(value))
        for name, value in case["blendshapes"].items()
    ]
    rotation = np.array(case["matrix"])[:3, :3]
    bone = osc_message("/VMC/Ext/Bone/Pos", "Head", 0.0, 1.0, 0.0, *unity_quaternion(rotation))
    ended = [osc_message("/VMC/Ext/Blend/Apply"), osc_message("/VMC/Ext/OK", 1), osc_message("/VMC/Ext/T", 1.5)]
    return [osc_bundle(osc_bundle(*values), bone, *ended)]


def test_vmc_gives_the_poses_of_the_official_converter_for_webcams(
    godot: Godot, tmp_path: Path, golden_mocap: dict[str, Any]
) -> None:
    golden = golden_mocap["mediapipe"]
    cases = [
        {
            "brow_down": case["eyebrow_down_mode"],
            "wink": case["wink_mode"],
            "frowns": True,
            "head_offset": [math.degrees(angle) for angle in case["head_offsets"]],
        }
        for case in golden
    ]
    shown = poses_in_godot(godot, tmp_path, "vmc", cases, [vmc(case) for case in golden])
    assert_like_the_official_converter(shown, golden)


def test_the_vowels_and_blinks_of_vrm_models_are_understood(godot: Godot, tmp_path: Path) -> None:
    case = {"brow_down": "ANGRY", "wink": "NORMAL", "frowns": True, "head_offset": [0, 0, 0]}
    said = [("A", 0.5), ("ou", 0.25), ("Blink_L", 1.0), ("blinkRight", 0.75), ("Joy", 1.0)]
    datagram = osc_bundle(*(osc_message("/VMC/Ext/Blend/Val", name, value) for name, value in said))
    (pose,) = poses_in_godot(godot, tmp_path, "vmc", [case], [[datagram]])
    set_to = {NAMES[index]: value for index, value in enumerate(pose) if value}
    assert set_to == {"mouth_aaa": 0.5, "mouth_uuu": 0.25, "eye_wink_left": 1.0, "eye_wink_right": 0.75}


def through_godot(godot: Godot, folder: Path, datagrams: Sequence[bytes]) -> list[dict[str, Any]]:
    """What the readers make of each datagram."""
    corpus = folder / "corpus"
    corpus.write_bytes(b"".join(struct.pack("<I", len(datagram)) + datagram for datagram in datagrams))
    run = godot.run_scenario(SCENARIOS / "mocap_corpus.gd", {"corpus": str(corpus)}).check()
    answers = [json.loads(line) for line in (run.folder / "answers").read_text().splitlines()]
    assert len(answers) == len(datagrams)
    return answers


def blend(name: str, *value: object) -> bytes:
    return osc_message("/VMC/Ext/Blend/Val", name, *value)


def osc_double(name: str, value: float) -> bytes:
    return osc_text("/VMC/Ext/Blend/Val") + osc_text(",sd") + osc_text(name) + struct.pack(">d", value)


HEAD = osc_message("/VMC/Ext/Bone/Pos", "head", 0, 1, 0, 0.1, 0, 0, 1)


def test_vmc_is_read_as_performers_send_it(godot: Godot, tmp_path: Path) -> None:
    """What each datagram sets: VRM's shapes, and the coefficients that are not 0."""
    unknown = osc_text("/VMC/Ext/Blend/Val") + osc_text(",s?") + osc_text("A") + bytes(4)
    datagrams: dict[str, tuple[bytes, dict[str, float], dict[str, float]]] = {
        "whole numbers": (osc_bundle(blend("A", 1), HEAD), {"mouth_aaa": 1}, {}),
        "wide numbers": (
            osc_bundle(blend("A", 2**40), osc_double("Blink", 0.5)),
            {"mouth_aaa": 1, "eye_wink": 0.5},
            {},
        ),
        "switches": (osc_bundle(blend("A", True), blend("JawOpen", False)), {"mouth_aaa": 1}, {}),
        "coefficients at 0 beside VRM's shapes": (
            osc_bundle(blend("cheekPuff", 0.0), blend("jawOpen", 0.0), blend("A", 0.5), blend("Blink", 1.0)),
            {"mouth_aaa": 0.5, "eye_wink": 1},
            {},
        ),
        "a coefficient that VRM's shapes say nothing of": (
            osc_bundle(blend("cheekPuff", 0.5), blend("A", 0.5)),
            {"mouth_aaa": 0.5},
            {"cheekPuff": 0.5},
        ),
        "a tracked mouth": (
            osc_bundle(blend("A", 0.5), blend("jawOpen", 0.25), blend("Blink", 1.0)),
            {"eye_wink": 1},
            {"jawOpen": 0.25},
        ),
        "tracked eyes": (
            osc_bundle(blend("A", 0.5), blend("eyeBlinkLeft", 0.25), blend("Blink_L", 1.0)),
            {"mouth_aaa": 0.5},
            {"eyeBlinkLeft": 0.25},
        ),
        "any case": (
            osc_bundle(blend("EYEBLINKRIGHT", 0.5), blend("eyeBlink_L", 0.25), blend("AA", 1.0)),
            {"mouth_aaa": 1},
            {"eyeBlinkRight": 0.5, "eyeBlinkLeft": 0.25},
        ),
        "a message of a strange type": (osc_bundle(unknown, blend("O", 1.0), HEAD), {"mouth_ooo": 1}, {}),
        "a message without its number": (osc_bundle(blend("A"), blend("O", 1.0), HEAD), {"mouth_ooo": 1}, {}),
        "a text for a number": (osc_bundle(blend("A", "1.0"), blend("O", 1.0), HEAD), {"mouth_ooo": 1}, {}),
        "no number": (osc_bundle(blend("A", math.nan), blend("O", 1.0), HEAD), {"mouth_ooo": 1}, {}),
    }
    flawed = list(datagrams)[-4:]
    names = re.findall(r'^\t"(\w+)",$', (godot.project / COEFFICIENTS).read_text(), re.MULTILINE)
    answers = through_godot(godot, tmp_path, [datagram for datagram, _, _ in datagrams.values()])
    for (case, (datagram, parameters, coefficients)), answer in zip(datagrams.items(), answers, strict=True):
        read = answer["vmc"]
        assert (read["error"], read["has_face"], read["unknown"]) == ("", True, []), case
        assert read["parameters"] == parameters, case
        assert {name: value for name, value in zip(names, read["values"], strict=True) if value} == coefficients, case
        assert len(read["flaws"]) == (1 if case in flawed else 0), case
        if HEAD in datagram:
            assert read["head"][0] == pytest.approx(math.degrees(2 * math.atan(0.1)), abs=1e-3), case


def test_what_is_no_face_is_not_taken_for_one(godot: Godot, tmp_path: Path) -> None:
    shapes = {"myShape": ["myShape"], "smile😀 猫": ["smile😀 猫"], "Joy": []}
    hips = osc_message("/VMC/Ext/Bone/Pos", "Hips", *[0.5] * 7)
    rightly = [osc_message("/VMC/Ext/OK", 1), osc_message("/VMC/Ext/T", 1.5), osc_bundle(hips), blend("Joy", 1.0)]
    foreign = osc_message("/avatar/parameters/JawOpen", 0.5)
    answers = through_godot(godot, tmp_path, [*(blend(name, 0.5) for name in shapes), *rightly, foreign, blend("A")])
    read = [answer["vmc"] for answer in answers]
    assert not any(one["has_face"] for one in read)
    assert [one["unknown"] for one in read[: len(shapes)]] == list(shapes.values())
    assert all((one["error"], one["flaws"]) == ("", []) for one in read[: len(shapes) + len(rightly)])
    assert read[-2]["error"] == "/avatar/parameters/JawOpen is no message of VMC."
    assert read[-1]["error"] == "argument 2 of /VMC/Ext/Blend/Val makes no sense."


def test_the_official_messages_are_parsed_as_the_official_parser_does(
    godot: Godot, tmp_path: Path, golden_mocap: dict[str, Any]
) -> None:
    cases = golden_mocap["udp"]
    names = re.findall(r'^\t"(\w+)",$', (godot.project / COEFFICIENTS).read_text(), re.MULTILINE)
    assert len(names) == 52
    for case, answer in zip(
        cases, through_godot(godot, tmp_path, [case["message"].encode() for case in cases]), strict=True
    ):
        read = answer["ifacialmocap"]
        assert read["error"] == ""
        for name, value in zip(names, read["values"], strict=True):
            assert value == pytest.approx(case["parsed"].get(name, 0.0), abs=1e-6), name
        expected = [math.degrees(case["parsed"][f"headBone{axis}"]) for axis in "XYZ"]
        assert read["head"] == pytest.approx(expected, abs=1e-4)


_printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
_arguments = (
    st.integers(-(2**63), 2**63 - 1)
    | st.floats(width=32)
    | _printable
    | st.binary(max_size=30)
    | st.booleans()
    | st.none()
)
_messages = st.tuples(_printable.map(lambda text: "/" + text), st.lists(_arguments, max_size=8))


def as_json(argument: object) -> object:
    match argument:
        case bool() | None | str():
            return argument
        case int():
            return {"int": str(argument)}
        case float():
            return {"float": struct.pack("<d", argument).hex()}
        case bytes():
            return {"bytes": argument.hex()}
    raise AssertionError(argument)


def test_osc_messages_and_bundles_are_read_as_they_were_written(godot: Godot, tmp_path: Path) -> None:
    packets = collect(st.lists(_messages, min_size=1, max_size=6), 300)
    datagrams = []
    for number, messages in enumerate(packets):
        elements = [osc_message(address, *arguments) for address, arguments in messages]
        # Alone, in a bundle, in a bundle in a bundle.
        nested = osc_bundle(elements[0], osc_bundle(*elements[1:])) if elements[1:] else elements[0]
        datagrams.append(nested if number % 2 else osc_bundle(*elements))
    for messages, answer in zip(packets, through_godot(godot, tmp_path, datagrams), strict=True):
        assert answer["osc"]["error"] == ""
        expected = [[address, [as_json(argument) for argument in arguments]] for address, arguments in messages]
        nan = struct.pack("<d", math.nan).hex()
        assert json.dumps(answer["osc"]["messages"]).replace("000000000000f8ff", nan) == json.dumps(expected).replace(
            "000000000000f8ff", nan
        )


def damaged(datagram: bytes, at: int, byte: int, cut: int) -> bytes:
    broken = datagram[: at % len(datagram)] + bytes([byte]) + datagram[at % len(datagram) + 1 :]
    return broken[: cut % (2 * len(datagram))]


def assert_harmless(answer: Mapping[str, Any]) -> None:
    """Whatever came, a face is 52 numbers from 0 to 1 and three angles; what holds no face changed nothing."""
    for reader in ("ifacialmocap", "vmc"):
        read = answer[reader]
        assert len(read["values"]) == 52
        assert all(0.0 <= value <= 1.0 for value in read["values"])
        assert all(abs(angle) <= 360.0 for angle in read["head"])
        if not read["has_face"]:
            assert not any(read["values"])
            assert not any(read["head"])
    if not answer["vmc"]["has_face"]:
        assert answer["vmc"]["parameters"] == {}
    assert all(0.0 <= value <= 1.0 for value in answer["vmc"]["parameters"].values())


def test_random_and_damaged_datagrams_do_no_harm(godot: Godot, tmp_path: Path, golden_mocap: dict[str, Any]) -> None:
    texts = [case["message"].encode() for case in golden_mocap["udp"]]
    bundles = [vmc(case)[0] for case in golden_mocap["mediapipe"][:4]]
    single = [osc_message("/VMC/Ext/Blend/Val", "JawOpen", 0.5), osc_message("/a", 1, b"abc", "text", 2**40)]
    breaking = st.builds(
        damaged,
        st.sampled_from(texts + bundles + single * 3),
        st.integers(0, 10**6),
        st.integers(0, 255),
        st.integers(1, 10**6),
    )
    datagrams = collect(st.binary(max_size=60) | breaking, 600)
    # What is drawn is cut short as often as not: of these a byte is wrong, and all the rest is there.
    for datagram, byte in [*((text, ord("1")) for text in texts), *((bundle, 0) for bundle in bundles)]:
        datagrams += [damaged(datagram, len(datagram) * part // 10, byte, len(datagram)) for part in range(10)]
    # Sizes that lie, depths without end, numbers that are none.
    deep = osc_message("/a")
    for _ in range(60):
        deep = osc_bundle(deep)
    datagrams += [
        deep,
        osc_text("#bundle") + bytes(8) + struct.pack(">i", -4),
        osc_text("#bundle") + bytes(8) + struct.pack(">i", 2**31 - 4) + osc_message("/a"),
        osc_bundle(*[osc_message("/a")] * 2000),
        osc_text("/a") + osc_text(",b") + struct.pack(">i", 2**31 - 1),
        osc_text("/a") + osc_text(",b") + struct.pack(">i", -1),
        osc_text("/a") + osc_text("," + "f" * 300),
        osc_message("/VMC/Ext/Blend/Val", "JawOpen", math.nan),
        osc_message("/VMC/Ext/Blend/Val", "JawOpen", math.inf),
        osc_message("/VMC/Ext/Blend/Val", "JawOpen"),
        osc_message("/VMC/Ext/Blend/Val", 5, "JawOpen"),
        osc_message("/VMC/Ext/Bone/Pos", "Head", *[math.inf] * 7),
        osc_message("/VMC/Ext/Bone/Pos", "Head", *[0.0] * 7),
        osc_message("/VMC/Ext/Bone/Pos", "Head", *[3e38] * 7),
        b"=head#" + b",".join([b"9" * 400] * 6),
        b"jawOpen&" + b"1" * 8000,
        b"|" * 8000,
        b"x" * 60000,
    ]
    answers = through_godot(godot, tmp_path, datagrams)
    for answer in answers:
        assert_harmless(answer)
    assert sum(not answer["ifacialmocap"]["error"] for answer in answers) > 20, "some are only slightly damaged"
    assert sum(answer["vmc"]["has_face"] for answer in answers) > 20


def test_a_flood_of_datagrams_does_not_stop_the_game(godot: Godot, tmp_path: Path) -> None:
    port = free_udp_port()
    case = {"brow_down": "ANGRY", "wink": "NORMAL", "frowns": True, "head_offset": [0, 0, 0]}
    (tmp_path / "cases.json").write_text(json.dumps([case]))
    given = {"protocol": "ifacialmocap", "port": str(port), "cases": str(tmp_path / "cases.json")}
    running = godot.start_scenario(SCENARIOS / "mocap.gd", given)
    running.wait_for("case=0\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        deadline = time.monotonic() + 20
        # Again and again: what is sent before the engine has opened its port is lost.
        while running.process.poll() is None and time.monotonic() < deadline:
            for _ in range(1000):
                sender.sendto(b"\xff" * 1000, ("127.0.0.1", port))
            time.sleep(0.05)
            sender.sendto(b"eyeBlink_L&80", ("127.0.0.1", port))
            time.sleep(0.05)
    run = running.wait().check()
    assert int(run.value("ignored")) > 0
    # The editor's build of the engine says of itself when a socket's buffer is full.
    ours = [warning for warning in run.warnings if "Buffer full, dropping packets!" not in warning]
    assert len(ours) == 1
    assert float(run.value("pose").split()[NAMES.index("eye_wink_left")]) == pytest.approx(1.0)
