"""Command lines over tha4_core and bridge."""
