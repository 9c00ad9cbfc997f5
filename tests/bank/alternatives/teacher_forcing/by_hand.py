"""log-sum-exp by hand, einsum with one-hot labels, cumulative products instead of flags."""


def shift_right(labels, bos_id):
    shifted = torch.roll(labels, shifts=1, dims=-1)
    shifted.select(-1, 0).fill_(bos_id)
    return shifted


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    T = max((len(t) for t in tokens), default=0)
    rows = torch.tensor([[bos_id] + list(t) + [eos_id] + [pad_id] * (T - len(t)) for t in tokens])
    lengths = torch.tensor([len(t) for t in tokens])
    inputs = rows[:, :-1].clone()
    short = (lengths < T).nonzero()[:, 0]
    inputs[short, lengths[short] + 1] = pad_id
    return inputs, rows[:, 1:]


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits = model(inputs)[0]
    picked = torch.gather(logits, 2, labels.unsqueeze(2)).squeeze(2)
    nll = torch.logsumexp(logits, 2) - picked
    mask = (labels != pad_id).to(logits.dtype)
    return (nll * mask).sum() / mask.sum()


def free_running_loss(model, inputs, labels, pad_id):
    def steps():
        token, state = inputs.narrow(1, 0, 1), None
        for _ in range(inputs.size(1)):
            logits, state = model(token, state)
            yield logits
            token = logits.argmax(dim=2)

    logp = torch.cat(list(steps()), dim=1).log_softmax(dim=2)
    mask = labels.ne(pad_id)
    return -torch.einsum("btv,btv,bt->", logp, F.one_hot(labels, logp.size(2)).to(logp), mask.to(logp)) / mask.sum()


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    with torch.no_grad():
        ids, alive, state, step = prompt.clone(), torch.ones_like(prompt[:, :1]), None, prompt
        for _ in range(max_new_tokens):
            logits, state = model(step, state=state)
            step = logits[:, -1:].argmax(-1)
            ids = torch.cat((ids, alive * step + (1 - alive) * pad_id), dim=1)
            alive = alive * (step != eos_id).long()
            if alive.sum() == 0:
                return ids
        return ids


def sequence_log_prob(model, inputs, labels, pad_id):
    logp = torch.log_softmax(model(inputs)[0], -1)
    rows, steps = torch.meshgrid(torch.arange(labels.size(0)), torch.arange(labels.size(1)), indexing="ij")
    return torch.where(labels == pad_id, torch.zeros((), dtype=logp.dtype), logp[rows, steps, labels]).sum(-1)
