"""What will not reproduce, found in a notebook's source without running it."""
