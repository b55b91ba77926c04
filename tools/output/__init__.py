"""What the commands show and write: pictures, sheets, progress."""
