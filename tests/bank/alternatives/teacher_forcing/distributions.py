"""Categorical, prefixes run again where that is allowed, coins from bernoulli."""

def sequence_log_prob(model, inputs, labels, pad_id):
    from torch.distributions import Categorical
    lp = Categorical(logits=model(inputs)[0], validate_args=False).log_prob(labels)
    return torch.where(labels != pad_id, lp, 0.0).sum(-1)

def free_running_loss(model, inputs, labels, pad_id):
    tok, state, total = inputs[:, 0:1], None, inputs.new_zeros(())
    for t in range(inputs.size(1)):
        logits, state = model(tok, state)
        total = total + F.nll_loss(logits[:, 0].log_softmax(-1), labels[:, t], ignore_index=pad_id, reduction="sum")
        tok = logits.softmax(-1).argmax(-1)
    return total / labels.ne(pad_id).sum()

def scheduled_inputs(model, inputs, ratio, generator=None):
    if not (0 <= ratio <= 1):
        raise ValueError(f"ratio must be in [0, 1], got {ratio}")
    mixed = inputs.clone()
    for t in range(1, inputs.size(1)):
        with torch.no_grad():
            logits, _ = model(mixed[:, :t])
        use_gold = torch.bernoulli(torch.full((inputs.size(0),), float(ratio), dtype=torch.float64), generator=generator).bool()
        mixed[:, t] = torch.where(use_gold, mixed[:, t], logits[:, -1].argmax(-1))
    return mixed

def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    with torch.no_grad():
        B = prompt.size(0)
        finished = torch.zeros(B, 1, dtype=torch.bool, device=prompt.device)
        tokens, state, nxt = prompt, None, prompt
        for step in range(max_new_tokens):
            if torch.all(finished):
                break
            logits, state = model(nxt, state)
            nxt = torch.argmax(logits[:, -1:, :], -1)
            nxt[finished] = pad_id
            tokens = torch.cat((tokens, nxt), 1)
            finished = finished | nxt.eq(eos_id)
        return tokens
