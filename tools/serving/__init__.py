"""The web pages of ``tools/web``: what belongs to them, served on loopback or written as a folder for any host."""
