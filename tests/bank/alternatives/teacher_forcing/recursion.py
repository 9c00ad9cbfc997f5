"""Recursion over the steps, a decorator against the graph, padding modules."""

from functools import reduce


def shift_right(labels, bos_id):
    padded = nn_pad(labels, bos_id)
    return padded[:, : labels.shape[1]].clone()


def nn_pad(labels, bos_id):
    return torch.nn.ConstantPad1d((1, 0), bos_id)(labels)


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = reduce(max, map(len, tokens), 0) + 1
    labels = torch.empty(len(tokens), width, dtype=torch.int64).fill_(pad_id)
    inputs = labels.clone()
    for text, fed, due in zip(tokens, inputs, labels):
        fed[0] = bos_id
        due[len(text)] = eos_id
        if text:
            fed[1 : len(text) + 1] = due[: len(text)] = torch.as_tensor(text)
    return inputs, labels


def teacher_forced_loss(model, inputs, labels, pad_id):
    (logits, _state), real = model(inputs), labels.not_equal(pad_id)
    top = logits.amax(-1, keepdim=True)
    logp = logits - top - (logits - top).exp().sum(-1, keepdim=True).log()
    return logp.gather(-1, labels[..., None]).squeeze(-1).masked_fill(real.logical_not(), 0).sum().neg() / real.sum()


def free_running_loss(model, inputs, labels, pad_id):
    T = inputs.shape[1]

    def nll(t, fed, state):
        logits, state = model(fed, state)
        here = F.cross_entropy(logits[:, 0], labels[:, t], ignore_index=pad_id, reduction="sum")
        return here if t + 1 == T else here + nll(t + 1, logits.argmax(2), state)

    return nll(0, inputs[:, :1], None) / torch.count_nonzero(labels - pad_id)


@torch.no_grad()
def scheduled_inputs(model, inputs, ratio, generator=None):
    if not (0.0 <= float(ratio) <= 1.0):
        raise ValueError(f"ratio={ratio}")

    def go(t, column, state):
        if t == inputs.shape[1]:
            return [column]
        logits, state = model(column, state)
        coin = torch.rand(column.shape, generator=generator)
        following = torch.where(coin >= ratio, logits.argmax(-1), inputs[:, t : t + 1])
        return [column, *go(t + 1, following, state)]

    return torch.cat(go(1, inputs[:, :1], None), dim=1)


@torch.no_grad()
def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    def go(fed, state, over, left):
        if left == 0:
            return []
        logits, state = model(fed, state)
        best = logits[:, -1:].argmax(-1)
        best = torch.where(over, pad_id, best)
        over = over | (best == eos_id)
        return [best] if over.all() else [best, *go(best, state, over, left - 1)]

    return torch.cat([prompt, *go(prompt, None, torch.zeros_like(prompt[:, :1], dtype=torch.bool), max_new_tokens)], 1)


def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    one_hot = F.one_hot(labels, logits.size(-1)).bool() & labels.ne(pad_id).unsqueeze(-1)
    return torch.where(one_hot, logits.log_softmax(-1), torch.zeros_like(logits)).sum((1, 2))
