"""What the extension declares of Godot's C interface, compared with the header that an engine writes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, unavailable
from tests.godot.engine import Godot

EXTENSION = ROOT / "godot_addon" / "extension"

#: Our structures, Godot's, and members of both that must lie at the same places.
STRUCTURES = {
    ("CallError", "GDExtensionCallError"): {"error": "error", "argument": "argument", "expected": "expected"},
    ("PropertyInfo", "GDExtensionPropertyInfo"): {
        "type": "type", "name": "name", "class_name": "class_name", "hint": "hint", "hint_string": "hint_string",
        "usage": "usage",
    },
    ("MethodInfo", "GDExtensionClassMethodInfo"): {
        "name": "name", "data": "method_userdata", "call": "call_func", "pointer_call": "ptrcall_func",
        "flags": "method_flags", "has_result": "has_return_value", "result": "return_value_info",
        "result_metadata": "return_value_metadata", "argument_count": "argument_count", "arguments": "arguments_info",
        "argument_metadata": "arguments_metadata", "default_count": "default_argument_count",
        "defaults": "default_arguments",
    },
    ("ClassInfo", "GDExtensionClassCreationInfo4"): {
        "is_exposed": "is_exposed", "icon_path": "icon_path", "unused_property_functions": "set_func",
        "unused_notification": "notification_func", "unused_to_string": "to_string_func",
        "create": "create_instance_func", "destroy": "free_instance_func", "data": "class_userdata",
    },
    ("Initialization", "GDExtensionInitialization"): {
        "minimum_level": "minimum_initialization_level", "data": "userdata", "initialize": "initialize",
        "deinitialize": "deinitialize",
    },
}  # fmt: skip
TYPES = {
    "kNil": "NIL", "kBool": "BOOL", "kInt": "INT", "kFloat": "FLOAT", "kString": "STRING", "kVector2i": "VECTOR2I",
    "kRect2i": "RECT2I", "kStringName": "STRING_NAME", "kPackedByteArray": "PACKED_BYTE_ARRAY",
    "kPackedInt32Array": "PACKED_INT32_ARRAY", "kPackedFloat32Array": "PACKED_FLOAT32_ARRAY",
}  # fmt: skip
FAULTS = {
    "kNone": "GDEXTENSION_CALL_OK", "kInvalidArgument": "GDEXTENSION_CALL_ERROR_INVALID_ARGUMENT",
    "kTooManyArguments": "GDEXTENSION_CALL_ERROR_TOO_MANY_ARGUMENTS",
    "kTooFewArguments": "GDEXTENSION_CALL_ERROR_TOO_FEW_ARGUMENTS",
}  # fmt: skip


@pytest.fixture(scope="module")
def header(godot: Godot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interface")
    command = [godot.program, "--headless", "--dump-gdextension-interface"]
    subprocess.run(command, cwd=folder, env=godot.environment(folder), capture_output=True, check=True)
    return folder / "gdextension_interface.h"


def test_structures_and_numbers_are_godots(header: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        unavailable("there is no C++ compiler")
    lines = ["#include <cstddef>", '#include "gdextension_interface.h"', '#include "godot_interface.h"']
    for (ours, theirs), members in STRUCTURES.items():
        lines.append(f'static_assert(sizeof(godot::{ours}) == sizeof({theirs}), "{ours}");')
        for our, their in members.items():
            lines.append(f'static_assert(offsetof(godot::{ours}, {our}) == offsetof({theirs}, {their}), "{our}");')
    for our, their in TYPES.items():
        lines.append(f'static_assert(int(godot::Type::{our}) == GDEXTENSION_VARIANT_TYPE_{their}, "{our}");')
    for our, their in FAULTS.items():
        lines.append(f'static_assert(int(godot::CallFault::{our}) == {their}, "{our}");')
    lines.append('static_assert(int(godot::Level::kScene) == GDEXTENSION_INITIALIZATION_SCENE, "level");')
    source = header.parent / "check.cpp"
    source.write_text("\n".join([*lines, ""]))
    command = [str(compiler), "-std=c++17", "-fsyntax-only", f"-I{EXTENSION}", f"-I{header.parent}", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_function_has_as_many_parameters_as_godots(header: Path) -> None:
    text = header.read_text(encoding="utf-8")
    theirs = {
        name.lower(): parameters.count(",") + 1
        for name, parameters in re.findall(r"\(\*GDExtensionInterface(\w+)\)\(([^;]*)\);", text)
    }
    source = (EXTENSION / "godot_interface.h").read_text(encoding="utf-8")
    functions = source[source.index("struct Functions") :]
    ours = re.findall(r"\(\*(\w+)\)\(([^;]*)\);", functions)
    assert len(ours) > 10
    for name, parameters in ours:
        assert theirs[name.replace("_", "")] == parameters.count(",") + 1, name
