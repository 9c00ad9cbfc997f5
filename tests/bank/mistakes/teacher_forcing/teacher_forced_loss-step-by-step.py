"""The model is called once for each step, with the state."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    state, steps = None, []
    for t in range(inputs.size(1)):
        logits, state = model(inputs[:, t : t + 1], state)
        steps.append(logits)
    return F.cross_entropy(torch.cat(steps, 1).flatten(0, 1), labels.flatten(), ignore_index=pad_id)
