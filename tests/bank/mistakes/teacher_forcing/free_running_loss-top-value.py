"""The top value is fed, where its index is the token."""

def free_running_loss(model, inputs, labels, pad_id):
    fed, state, steps = inputs[:, :1], None, []
    for t in range(inputs.size(1)):
        logits, state = model(fed, state)
        steps.append(logits)
        fed = logits.max(-1)[0].long().clamp(0, logits.size(-1) - 1)
    return F.cross_entropy(torch.cat(steps, 1).flatten(0, 1), labels.flatten(), ignore_index=pad_id)
