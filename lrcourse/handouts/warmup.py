"""Section 06, warmup: the lengths that are compared in 06.5."""

LENGTHS = (0, 40, 80, 120, 160, 200)  # of the warmups
