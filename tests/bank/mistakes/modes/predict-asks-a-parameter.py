"""The device is that of the first parameter, which a model need not have."""


def predict(model, batches):
    device = next(model.parameters()).device
    with _modes_kept(model), torch.no_grad():
        model.eval()
        return torch.cat([model(batch.to(device)) for batch in batches])
