"""The characters that come with the rig, all in the public domain (CC0 1.0, see LICENSE beside this file)."""
