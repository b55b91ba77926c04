"""Parts of tools/distill.py: its command lines, and a drawing put in its place before it is distilled."""
