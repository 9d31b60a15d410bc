"""A commit's files in a folder of their own."""
