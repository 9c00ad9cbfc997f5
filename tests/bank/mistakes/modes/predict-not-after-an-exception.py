"""The modes are restored, but not when the model raises."""


def predict(model, batches):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        result = torch.cat([model(batch) for batch in batches])
    for module, flag in before:
        module.training = flag
    return result
