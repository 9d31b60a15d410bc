"""What cells showed, as text that can be compared."""
