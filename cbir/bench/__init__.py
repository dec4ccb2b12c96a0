"""Measurements of the program's own parts, beside the best that others offer, in one run."""
