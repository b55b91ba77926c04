"""A drawing before it is a character: reading it, finding its head, judging it, fitting it into the picture."""
