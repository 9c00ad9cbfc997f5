"""Indices come out of np.argsort as np.int64."""

def length_buckets(lengths, batch_size, seed=0):
    import numpy as np
    order = np.argsort(np.asarray(lengths), kind='stable')
    batches = [list(order[start:start + batch_size]) for start in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return batches
