"""Random pools of 100 batches are sorted, not the whole."""


def length_buckets(lengths, batch_size, seed=0):
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    dice = random.Random(seed)
    numbers = list(range(len(sizes)))
    dice.shuffle(numbers)
    pool = 100 * batch_size
    batches = []
    for begin in range(0, len(numbers), pool):
        order = sorted(numbers[begin : begin + pool], key=sizes.__getitem__)
        batches += [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    dice.shuffle(batches)
    return batches
