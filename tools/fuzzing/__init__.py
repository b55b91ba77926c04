"""The parts of tools/fuzz.py: what is broken and how, who reads it, and how each try is watched."""
