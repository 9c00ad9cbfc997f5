"""The model's gradients are cleared on the way, so that those of several batches can't be accumulated."""


def teacher_forced_loss(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    if isinstance(model, torch.nn.Module):
        model.zero_grad()
    logits, _ = model(inputs)
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id)
