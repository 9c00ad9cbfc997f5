"""A mean of the steps' means: the last steps have fewer labels."""

def free_running_loss(model, inputs, labels, pad_id):
    fed, state, steps = inputs[:, :1], None, []
    for t in range(inputs.size(1)):
        logits, state = model(fed, state)
        steps.append(logits)
        fed = logits.argmax(-1)
    losses = [F.cross_entropy(s[:, 0], labels[:, t], ignore_index=pad_id) for t, s in enumerate(steps) if (labels[:, t] != pad_id).any()]
    return torch.stack(losses).mean()
