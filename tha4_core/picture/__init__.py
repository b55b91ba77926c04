"""A picture of a character: its colours as bytes and as numbers, its rectangles, its faint edges."""
