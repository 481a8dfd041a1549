"""Bounds that many parts share."""

LARGEST_ID = 2**31 - 1  # of PostgreSQL's integer, which other whole numbers are kept in too
