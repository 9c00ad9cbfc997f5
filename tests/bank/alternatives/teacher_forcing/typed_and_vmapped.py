"""vmap over the rows, annotations as strings, a stack for a cat."""

from torch.func import vmap

def shift_right(labels, bos_id):
    places = torch.arange(labels.size(1), device=labels.device)
    moved = labels.index_select(1, (places - 1).clamp_min(0))
    return torch.where(places == 0, torch.as_tensor(bos_id, dtype=labels.dtype, device=labels.device), moved)


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    lengths = torch.tensor([len(text) for text in tokens])
    flat = torch.tensor([token for text in tokens for token in text], dtype=torch.long)
    steps = torch.arange(int(lengths.max()) + 1)
    real = steps[:-1] < lengths[:, None]
    inputs = torch.full((len(tokens), len(steps)), pad_id, dtype=torch.long)
    labels = inputs.clone()
    inputs[:, 1:][real] = flat
    labels[:, :-1][real] = flat
    inputs[:, 0] = bos_id
    labels[torch.arange(len(tokens)), lengths] = eos_id
    return (inputs, labels)


def _log_prob(logits, label):
    return torch.index_select(logits.log_softmax(0), 0, label.reshape(1))[0]


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits: Tensor = model(inputs)[0]
    each = vmap(vmap(_log_prob))(logits, labels)
    real = labels.ne(pad_id)
    return each.where(real, 0.0).sum().neg().div(real.sum())


def free_running_loss(model, inputs, labels, pad_id):
    total: Tensor = torch.zeros((), device=labels.device)
    fed, state = (inputs.narrow(1, 0, 1), None)
    for gold in labels.unbind(dim=1):
        logits, state = model(fed, state=state)
        each = vmap(_log_prob)(logits[:, -1], gold)
        total = total.to(each.dtype) - each.masked_fill(gold == pad_id, 0.0).sum()
        fed = logits[:, -1:].argmax(-1)
    return total / (labels != pad_id).sum()


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0.0 <= ratio <= 1.0:
        raise ValueError(f'argument `ratio` must be within [0, 1], but is {ratio!r}')
    mixed: Tensor = inputs.clone(memory_format=torch.contiguous_format)
    state: Any = None
    with torch.no_grad():
        for t in range(inputs.size(1) - 1):
            logits, state = model(mixed[:, t, None], state)
            tails = torch.rand(inputs.size(0), generator=generator, device=inputs.device) >= ratio
            mixed[:, t + 1] = torch.where(tails, logits[:, 0].argmax(-1), mixed[:, t + 1])
    return mixed


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    with torch.no_grad():
        text: Tensor = prompt
        ended: Tensor = torch.zeros(prompt.size(0), dtype=torch.bool, device=prompt.device)
        state: Any = None
        fed: Tensor = prompt
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = vmap(torch.argmax)(logits[:, -1])
            newest = torch.where(ended, torch.full_like(newest, pad_id), newest)
            text = torch.column_stack((text, newest))
            ended = torch.where(newest == eos_id, True, ended)
            if ended.min():
                break
            fed = newest.unsqueeze(-1)
        return text


def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)

    def of_row(row: Tensor, gold: Tensor) -> Tensor:
        picked = row.log_softmax(-1).gather(1, gold[:, None])[:, 0]
        return torch.where(gold == pad_id, 0.0, picked).sum()
    return vmap(of_row)(logits, labels)
