"""What lies in a file's place when it was not really downloaded."""

from __future__ import annotations

from typing import Final

POINTER: Final = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 139612345\n"
PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>Google Drive - Virus scan warning</title></head></html>\n"
STAND_INS: Final = (POINTER, PAGE)
