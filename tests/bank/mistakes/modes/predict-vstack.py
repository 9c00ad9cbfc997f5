"""vstack makes rows of outputs that are one number each."""


def predict(model, batches):
    with _modes_kept(model), torch.no_grad():
        model.eval()
        return torch.vstack([model(batch) for batch in batches])
