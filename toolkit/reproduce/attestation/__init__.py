"""Attestations: signed statements about records, and which of them count."""
