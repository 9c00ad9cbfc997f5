"""The shortest of the rest is searched for again and again."""

def length_buckets(lengths, batch_size, seed=0):
    sizes = [int(n) for n in lengths]
    rest, order = list(range(len(sizes))), []
    while rest:
        shortest = min(rest, key=sizes.__getitem__)
        rest.remove(shortest)
        order.append(shortest)
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return batches
