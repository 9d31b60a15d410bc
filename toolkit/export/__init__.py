"""Runs for other people's tools: MLflow, Workflow Run RO-Crate, DVC."""
