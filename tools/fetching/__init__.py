"""Files of others that are fetched once into the user's cache: all or nothing, by one process at a time."""
