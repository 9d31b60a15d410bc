"""Frames in, values out: data sanity, evaluation and error analysis.

Pure: no module below opens a file, prints, logs, sleeps or reads a clock.
"""
