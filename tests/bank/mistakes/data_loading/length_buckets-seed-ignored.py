"""The seed is ignored."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = [int(n) for n in lengths]
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    random.Random(0).shuffle(batches)
    return batches
