"""Our own characters: drawn from curves, posed by hand-written rules, with exact appearance flow (docs/RIG.md)."""
