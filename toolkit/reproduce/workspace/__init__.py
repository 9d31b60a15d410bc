"""A fresh folder with a project's files, for one execution."""
