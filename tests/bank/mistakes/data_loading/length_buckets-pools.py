"""Pools of the given order are sorted, not the whole."""

def length_buckets(lengths, batch_size, seed=0):
    sizes, pool = [int(n) for n in lengths], 4 * batch_size
    order = []
    for start in range(0, len(sizes), pool):
        order += sorted(range(start, min(start + pool, len(sizes))), key=lambda i: sizes[i])
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return batches
