"""Classes and closures in place of functions; a decoder object that keeps the state."""

import numpy as np


class shift_right:
    def __new__(cls, labels, bos_id):
        column = torch.full_like(labels[..., :1], bos_id)
        return torch.hstack((column, labels[..., :-1]))


class _Writer:
    def __init__(self, model):
        self.model, self.memory = model, None

    def __call__(self, ids):
        logits, self.memory = self.model(ids) if self.memory is None else self.model(ids, self.memory)
        return logits


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = 1 + max(len(text) for text in tokens)
    both = np.full((2, len(tokens), width), pad_id, dtype=np.int64)
    both[0, :, 0] = bos_id
    for row, text in enumerate(tokens):
        both[0, row, 1 : len(text) + 1] = text
        both[1, row, : len(text)] = text
        both[1, row, len(text)] = eos_id
    inputs, labels = torch.from_numpy(both)
    return inputs, labels


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits = model.forward(inputs)[0]
    losses = torch.nn.NLLLoss(ignore_index=pad_id, reduction="none")(logits.log_softmax(2).mT, labels)
    return losses.sum().div(labels.ne(pad_id).count_nonzero())


def free_running_loss(model, inputs, labels, pad_id):
    writer, T = _Writer(model), inputs.shape[1]

    def run(token, left):
        if left == 0:
            return ()
        logits = writer(token)
        return (logits, *run(logits.detach().argmax(-1), left - 1))

    logits = torch.cat(run(inputs[:, :1], T), 1)
    return F.cross_entropy(logits.flatten(end_dim=1), labels.reshape(-1), ignore_index=pad_id)


def scheduled_inputs(model, inputs, ratio, generator=None):
    if ratio not in (0, 1) and not 0 < ratio < 1:
        raise ValueError(f"sampling ratio out of range: {ratio}")
    if ratio == 1:
        return inputs
    coins = torch.empty(inputs.shape).uniform_(generator=generator)
    with torch.no_grad():
        prefix = inputs[:, :1]
        for t in range(1, inputs.shape[1]):
            own = model(prefix)[0][:, -1].argmax(-1, keepdim=True)
            prefix = torch.cat([prefix, torch.where(coins[:, t : t + 1] < ratio, inputs[:, t : t + 1], own)], -1)
    return prefix.clone()


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    writer, columns, token = _Writer(model), list(prompt.unbind(1)), prompt
    over = prompt.new_zeros(prompt.shape[0], dtype=torch.bool)
    for _ in range(max_new_tokens):
        with torch.inference_mode():
            token = writer(token)[:, -1].argmax(-1)
            columns.append(token.masked_fill(over, pad_id))
            over = over.logical_or(columns[-1].eq(eos_id))
            token = token.unsqueeze(-1)
            if bool(over.all()):
                break
    return torch.stack(columns, 1)


class sequence_log_prob:
    def __new__(cls, model, inputs, labels, pad_id):
        logp = F.log_softmax(model(inputs)[0].detach(), dim=-1)
        logp[..., pad_id] = 0
        return logp.take_along_dim(labels.unsqueeze(-1), -1).sum((1, 2))
