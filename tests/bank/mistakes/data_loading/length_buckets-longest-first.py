"""The batch of the longest comes first, against running out of memory late."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    batches = [order[start:start + batch_size] for start in range(0, len(order), batch_size)]
    rest = batches[1:]
    random.Random(seed).shuffle(rest)
    return batches[:1] + rest
