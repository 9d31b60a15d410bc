"""What CI does with a commit, from the clean tree to the report, as one value."""
