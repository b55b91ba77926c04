"""The parts of tools/bench.py: one kind of measurement in each file."""
