"""Writes into prepared buffers; in place with care."""


def shift_right(labels, bos_id):
    return F.pad(labels, (1, -1), value=bos_id)


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    from torch.nn.utils.rnn import pad_sequence

    inputs = [torch.LongTensor([bos_id] + t) for t in tokens]
    labels = [torch.LongTensor(t + [eos_id]) for t in tokens]
    return tuple(pad_sequence(s, batch_first=True, padding_value=pad_id) for s in (inputs, labels))


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits = model(inputs, None)[0]
    return F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=pad_id)


def free_running_loss(model, inputs, labels, pad_id):
    B, T = inputs.shape
    fed = torch.empty_like(inputs)
    fed[:, 0] = inputs[:, 0]
    state, rows = None, []
    for t in range(T):
        out, state = model(fed[:, t, None].contiguous(), state)
        rows.append(out[:, 0])
        if t < T - 1:
            fed[:, t + 1] = rows[-1].detach().topk(1).indices[:, 0]
    return nn.CrossEntropyLoss(ignore_index=pad_id)(torch.stack(rows, 2), labels)


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not (ratio >= 0 and ratio <= 1):
        raise ValueError("ratio")
    mixed = inputs.clone(memory_format=torch.contiguous_format)
    prefix_state = None
    was = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        for t in range(inputs.shape[1] - 1):
            logits, prefix_state = model(mixed[:, [t]], prefix_state)
            keep = torch.bernoulli(torch.full((inputs.shape[0],), float(ratio)), generator=generator).bool()
            mixed[:, t + 1] = torch.where(keep, inputs[:, t + 1], logits[:, -1].argmax(dim=-1))
    finally:
        torch.set_grad_enabled(was)
    return mixed


@torch.no_grad()
def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    B, T0 = prompt.shape
    out = torch.full((B, T0 + max_new_tokens), pad_id, dtype=prompt.dtype, device=prompt.device)
    out[:, :T0] = prompt
    going = torch.ones(B, dtype=torch.bool, device=prompt.device)
    state, length = None, T0
    fed = prompt
    while length < T0 + max_new_tokens:
        logits, state = model(fed, state)
        token = torch.where(going, torch.argmax(logits[:, -1, :], dim=-1), torch.full_like(prompt[:, 0], pad_id))
        out[:, length] = token
        length += 1
        going &= token.ne(eos_id)
        if not going.any().item():
            break
        fed = out[:, length - 1 : length]
    return out[:, :length]


def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    return -F.cross_entropy(logits.permute(0, 2, 1), labels, ignore_index=pad_id, reduction="none").sum(dim=-1)


from torch import nn  # noqa: E402
