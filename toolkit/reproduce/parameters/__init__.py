"""Parameters: as notebooks declare them, and as runs give them."""
