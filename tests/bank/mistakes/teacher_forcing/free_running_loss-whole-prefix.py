"""The whole prefix is run again for each token."""

def free_running_loss(model, inputs, labels, pad_id):
    fed, steps = inputs[:, :1], []
    for _ in range(inputs.size(1)):
        logits = model(fed)[0][:, -1:]
        steps.append(logits)
        fed = torch.cat([fed, logits.argmax(-1)], 1)
    return F.cross_entropy(torch.cat(steps, 1).flatten(0, 1), labels.flatten(), ignore_index=pad_id)
