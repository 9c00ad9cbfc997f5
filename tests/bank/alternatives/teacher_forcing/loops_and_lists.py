"""Plain Python loops wherever only values count, and by-hand softmax."""

import random


def shift_right(labels, bos_id):
    out = labels.new_zeros(labels.shape)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            out[i, j] = bos_id if j == 0 else labels[i, j - 1]
    return out


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    longest = 0
    for text in tokens:
        if len(text) > longest:
            longest = len(text)
    inputs, labels = [], []
    for text in tokens:
        fill = [pad_id for _ in range(longest - len(text))]
        inputs.append([bos_id] + list(text) + fill)
        labels.append(list(text) + [eos_id] + fill)
    return [torch.LongTensor(inputs), torch.LongTensor(labels)]


def free_running_loss(model, inputs, labels, pad_id):
    B, T = inputs.shape
    state = None
    token = inputs[:, 0]
    total = 0
    count = 0
    for t in range(T):
        logits, state = model(token.unsqueeze(1), state=state)
        logits = logits.squeeze(1)
        shifted = logits - logits.max(dim=1, keepdim=True).values.detach()
        logp = shifted - shifted.exp().sum(1, keepdim=True).log()
        mask = labels[:, t].ne(pad_id)
        total = total - (logp.gather(1, labels[:, t : t + 1]).squeeze(1) * mask).sum()
        count = count + mask.sum()
        token = logits.max(1)[1]
    return total / count


def scheduled_inputs(model, inputs, ratio, generator=None):
    if ratio != ratio or ratio < 0.0 or ratio > 1.0:
        raise ValueError("the ratio is no probability: %r" % ratio)
    with torch.inference_mode():
        rows = [inputs[:, 0].tolist()]
        state = None
        for t in range(1, inputs.size(1)):
            logits, state = model(torch.tensor(rows[-1]).unsqueeze(1), state)
            own = logits[:, 0].argmax(1).tolist()
            column = []
            for b in range(inputs.size(0)):
                coin = torch.rand((), generator=generator).item()
                column.append(int(inputs[b, t]) if coin < ratio else own[b])
            rows.append(column)
    return torch.tensor(rows).t()


def sequence_log_prob(model, inputs, labels, pad_id):
    out, state = [], None
    for b in range(len(inputs)):
        logits = model(inputs[b : b + 1])[0][0].log_softmax(-1)
        total = logits.new_zeros(())
        for t, label in enumerate(labels[b].tolist()):
            if label != pad_id:
                total = total + logits[t, label]
        out.append(total)
    return torch.stack(out)
