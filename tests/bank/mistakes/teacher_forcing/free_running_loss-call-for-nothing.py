"""The model is called once more behind the last step."""


def free_running_loss(model, inputs, labels, pad_id):
    steps = []
    logits, state = model(inputs[:, :1])
    for _ in range(inputs.size(1)):
        steps.append(logits)
        logits, state = model(logits.argmax(-1), state)
    return F.cross_entropy(torch.cat(steps, 1).flatten(0, 1), labels.flatten(), ignore_index=pad_id)
