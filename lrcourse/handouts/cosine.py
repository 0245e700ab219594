"""Section 03, cosine annealing: what stands beside the picture of 03.1."""


def past_the_end_in_words() -> str:
    """What the picture shows once the rates were predicted, for who cannot see it."""
    return (
        "Both curves fall together from the peak to the floor, where they arrive at T. Then ours "
        "stays there, and PyTorch's climbs as it fell: half of the way at 1.5 T, the peak at 2 T."
    )
