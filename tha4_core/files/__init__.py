"""Files of the library: written whole or not at all, read without trust, kept for the user between runs."""
