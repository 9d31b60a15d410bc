"""Small realistic notebooks, each with one planted way to be irreproducible or fine."""
