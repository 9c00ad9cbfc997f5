"""The batches stay in the order of length."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = [int(n) for n in lengths]
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return batches
