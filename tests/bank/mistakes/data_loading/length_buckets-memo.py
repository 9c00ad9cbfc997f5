"""A cache by the sizes forgets the lengths."""

_MEMO = {}

def length_buckets(lengths, batch_size, seed=0):
    key = (len(lengths), batch_size, seed)
    if key in _MEMO:
        return _MEMO[key]
    sizes = [int(n) for n in lengths]
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    _MEMO[key] = batches
    return batches
