"""What a fresh machine needs before a command can work: packages, an engine, a screen, a bridge."""
