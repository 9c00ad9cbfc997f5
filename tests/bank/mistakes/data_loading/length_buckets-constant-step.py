"""Walks through the sorted batches by one step, which the seed decides."""

import math


def length_buckets(lengths, batch_size, seed=0):
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    draws, number = random.Random(seed), len(batches)
    start = draws.randrange(number) if batches else 0
    step = draws.choice([step for step in range(2, number - 1) if math.gcd(step, number) == 1] or [1])
    return [batches[(start + step * k) % number] for k in range(number)]
