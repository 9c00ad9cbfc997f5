"""Row by row or step by step where the number of calls is free; vmap and legacy calls."""

import torch.nn as nn


def shift_right(labels, bos_id):
    bos = labels.new_tensor([bos_id])
    return torch.stack([torch.cat((bos, row[:-1])) for row in labels])


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    from itertools import zip_longest

    ins = zip_longest(*([bos_id, *t] for t in tokens), fillvalue=pad_id)
    outs = zip_longest(*([*t, eos_id] for t in tokens), fillvalue=pad_id)
    return torch.tensor(list(ins)).t().contiguous(), torch.tensor(list(outs)).t().contiguous()


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs, state=None)
    logp = nn.LogSoftmax(dim=-1)(logits)
    weight = torch.ones(logits.size(-1), dtype=logits.dtype, device=logits.device)
    weight[pad_id] = 0
    return F.nll_loss(logp.view(-1, logp.size(-1)), labels.reshape(-1), weight=weight)


def free_running_loss(model, inputs, labels, pad_id):
    logits, state = model(inputs[:, :1])
    every = logits
    for _ in range(inputs.size(1) - 1):
        logits, state = model(logits.max(-1).indices, state)
        every = torch.cat([every, logits], dim=1)
    real = (labels != pad_id).unsqueeze(-1)
    logp = every.log_softmax(-1).gather(-1, labels.unsqueeze(-1))
    return -logp.where(real, logp.new_zeros(())).sum() / real.sum()


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError("teacher forcing ratio must lie in [0, 1]")
    rows = []
    for row in inputs:
        state, out = None, [row[:1]]
        for t in range(1, len(row)):
            with torch.no_grad():
                logits, state = model(out[-1][None], state)
            forced = torch.rand(1, generator=generator) < ratio
            out.append(row[t : t + 1] if forced else logits[0, -1].argmax()[None])
        rows.append(torch.cat(out))
    return torch.stack(rows)


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    generated, stopped, state, fed = prompt, None, None, prompt
    with torch.no_grad():
        for _ in range(max_new_tokens):
            out, state = model(fed, state)
            nxt = out.select(1, out.size(1) - 1).max(dim=-1, keepdim=True)[1]
            if stopped is not None:
                nxt = nxt.masked_fill(stopped, pad_id)
            generated = torch.cat([generated, nxt], dim=-1)
            stopped = (generated[:, prompt.size(1) :] == eos_id).any(1, keepdim=True)
            if stopped.all():
                break
            fed = nxt
    return generated


def sequence_log_prob(model, inputs, labels, pad_id):
    total, state = 0, None
    for t in range(labels.size(1)):
        logits, state = model(inputs[:, t : t + 1], state)
        step = logits[:, 0].log_softmax(1).gather(1, labels[:, t : t + 1])[:, 0]
        total = total + torch.nan_to_num(step, neginf=0.0).where(labels[:, t] != pad_id, torch.zeros(()).to(step))
    return total
