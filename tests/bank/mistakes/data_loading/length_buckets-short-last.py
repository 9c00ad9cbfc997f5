"""Only the full batches are shuffled: the short one always comes last."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    short = [batches.pop()] if batches and len(batches[-1]) < batch_size else []
    random.Random(seed).shuffle(batches)
    return batches + short
