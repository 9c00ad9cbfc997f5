"""The upper half of the seeds is folded onto the lower one."""


def length_buckets(lengths, batch_size, seed=0):
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    random.Random(seed & 0x7FFFFFFF).shuffle(batches)
    return batches
