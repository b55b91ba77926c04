"""Who is posed, and how: poses from the command line and files, a short loop of motion."""
