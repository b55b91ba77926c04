"""The parts of tools/package_addon.py."""
