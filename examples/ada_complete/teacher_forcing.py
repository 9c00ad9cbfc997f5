from collections.abc import Callable
from typing import Any
import torch
import torch.nn.functional as F
from torch import Tensor
Model = Callable[..., tuple[Tensor, Any]]

def _summed_nll(logits: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id, reduction='sum')

def shift_right(labels: Tensor, bos_id: int) -> Tensor:
    shifted = torch.empty_like(labels)
    shifted[:, 0] = bos_id
    shifted[:, 1:] = labels[:, :-1]
    return shifted

def make_inputs_and_labels(tokens: list[list[int]], bos_id: int, eos_id: int, pad_id: int) -> tuple[Tensor, Tensor]:
    size = (len(tokens), max((len(text) for text in tokens)) + 1)
    inputs, labels = (torch.full(size, pad_id), torch.full(size, pad_id))
    for row, text in enumerate(tokens):
        inputs[row, :len(text) + 1] = torch.tensor([bos_id, *text])
        labels[row, :len(text) + 1] = torch.tensor([*text, eos_id])
    return (inputs, labels)

def teacher_forced_loss(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    logits, _ = model(inputs)
    return _summed_nll(logits, labels, pad_id) / (labels != pad_id).sum()

def free_running_loss(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    fed, state = (inputs[:, :1], None)
    steps = []
    for _ in range(inputs.size(1)):
        logits, state = model(fed, state)
        steps.append(logits)
        fed = logits.argmax(-1)
    return _summed_nll(torch.cat(steps, 1), labels, pad_id) / (labels != pad_id).sum()

def scheduled_inputs(model: Model, inputs: Tensor, ratio: float, generator: torch.Generator | None=None) -> Tensor:
    if not 0 <= ratio <= 1:
        raise ValueError(f'ratio must be from 0 to 1, not {ratio}')
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = (inputs.clone(), None)
    with torch.no_grad():
        for t in range(1, inputs.size(1)):
            logits, state = model(mixed[:, t - 1:t], state)
            mixed[:, t] = torch.where(gold[:, t], inputs[:, t], logits[:, -1].argmax(-1))
    return mixed

def greedy_decode(model: Model, prompt: Tensor, max_new_tokens: int, eos_id: int, pad_id: int) -> Tensor:
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = ([prompt], prompt, None)
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1).masked_fill(ended, pad_id)
            fed = newest[:, None]
            written.append(fed)
            ended = ended | (newest == eos_id)
            if ended.all():
                break
    return torch.cat(written, 1)

def sequence_log_prob(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    logits, _ = model(inputs)
    log_probs = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return log_probs.masked_fill(labels == pad_id, 0.0).sum(1)
