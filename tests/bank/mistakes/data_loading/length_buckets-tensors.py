"""The batches are tensors."""

def length_buckets(lengths, batch_size, seed=0):
    order = torch.as_tensor(lengths).argsort()
    batches = list(order.split(batch_size)) if len(order) else []
    random.Random(seed).shuffle(batches)
    return batches
