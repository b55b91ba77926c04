"""One anime illustration as a character that moves in real time: the library under the bridge and the tools."""

__version__ = "0.1.0"
