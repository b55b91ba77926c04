"""The parts of tools/build_binaries.py."""
