"""The first batch is run once more, to find the shape of the outputs."""


def predict(model, batches):
    with _modes_kept(model), torch.no_grad():
        model.eval()
        batches = list(batches)
        total = sum(len(batch) for batch in batches)
        result = torch.empty(total, *model(batches[0]).shape[1:], device=batches[0].device)
        start = 0
        for batch in batches:
            result[start : start + len(batch)] = model(batch)
            start += len(batch)
        return result
