"""The samples are shuffled, not sorted by length."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = [int(n) for n in lengths]
    order = list(range(len(sizes)))
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return batches
