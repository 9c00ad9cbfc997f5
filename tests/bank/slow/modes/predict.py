"""The result grows by concatenation: everything so far is copied for each batch."""


def predict(model, batches):
    result = None
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for batch in batches:
            output = model(batch)
            result = output if result is None else torch.cat([result, output])
    return result
