"""Public tests of teacher_forcing: run `pytest exercises/test_teacher_forcing.py` while you work."""

import math

import pytest
import torch
from teacher_forcing import (
    free_running_loss,
    greedy_decode,
    make_inputs_and_labels,
    scheduled_inputs,
    sequence_log_prob,
    shift_right,
    teacher_forced_loss,
)
from torch import nn
from torch.testing import assert_close

PAD, BOS, EOS = 0, 1, 2


class Machine(nn.Module):
    """A language model whose state is a number that depends on all tokens so far; `fed` notes what it was given."""

    def __init__(self, states=23, tokens=7):
        super().__init__()
        table = torch.randn(states, tokens, generator=torch.Generator().manual_seed(5))
        self.table = nn.Parameter(table)
        self.fed = []

    def forward(self, ids, state=None):
        self.fed.append(ids.tolist() if ids.is_cpu else None)
        state = torch.full_like(ids[:, 0], 3) if state is None else state
        states = []
        for t in range(ids.size(1)):
            state = (5 * state + 2 * ids[:, t] + 1) % len(self.table)
            states.append(state)
        return nn.functional.embedding(torch.stack(states, 1), self.table), state


def batch():
    """Inputs and labels (3, 4) of three lengths."""
    labels = torch.tensor([[4, 5, 6, 2], [3, 2, 0, 0], [5, 3, 2, 0]])
    return torch.tensor([[1, 4, 5, 6], [1, 3, 0, 0], [1, 5, 3, 0]]), labels


def by_hand(model, inputs, labels):
    """-log p of each real label, row by row, as lists of tensors."""
    log_probs = model(inputs)[0].log_softmax(-1)
    B, T = labels.shape
    return [[-log_probs[b, t, labels[b, t]] for t in range(T) if labels[b, t] != PAD] for b in range(B)]


def running_free(model, first, length):
    """The first tokens and what the model writes behind them, up to this length."""
    while first.size(1) < length:
        first = torch.cat([first, model(first)[0][:, -1:].argmax(-1)], 1)
    return first


# shift_right


@pytest.mark.correctness
def test_shift_right_puts_bos_first_and_drops_the_last():
    labels = torch.tensor([[5, 6, 7], [8, 9, 0]])
    assert shift_right(labels, bos_id=1).tolist() == [[1, 5, 6], [1, 8, 9]]
    assert labels.tolist() == [[5, 6, 7], [8, 9, 0]]


@pytest.mark.correctness
def test_shift_right_of_one_step_is_bos():
    assert shift_right(torch.tensor([[5], [6]]), bos_id=1).tolist() == [[1], [1]]


# make_inputs_and_labels


@pytest.mark.correctness
def test_make_inputs_and_labels_pads_both():
    inputs, labels = make_inputs_and_labels([[5, 6], [], [7]], bos_id=1, eos_id=2, pad_id=9)
    assert inputs.tolist() == [[1, 5, 6], [1, 9, 9], [1, 7, 9]]
    assert labels.tolist() == [[5, 6, 2], [2, 9, 9], [7, 2, 9]]
    assert inputs.dtype == labels.dtype == torch.int64


@pytest.mark.correctness
def test_make_inputs_and_labels_when_bos_is_pad():
    inputs, labels = make_inputs_and_labels([[], [4]], bos_id=0, eos_id=2, pad_id=0)
    assert inputs.tolist() == [[0, 0], [0, 4]]
    assert labels.tolist() == [[2, 0], [4, 2]]


# teacher_forced_loss


@pytest.mark.correctness
def test_teacher_forced_loss_is_the_mean_over_real_labels():
    model, (inputs, labels) = Machine(), batch()
    losses = [loss for row in by_hand(model, inputs, labels) for loss in row]
    assert_close(teacher_forced_loss(model, inputs, labels, PAD), torch.stack(losses).mean())


@pytest.mark.correctness
def test_teacher_forced_loss_calls_the_model_once_and_can_be_minimised():
    model, (inputs, labels) = Machine(), batch()
    loss = teacher_forced_loss(model, inputs, labels, PAD)
    assert model.fed == [inputs.tolist()]
    loss.backward()
    assert model.table.grad.abs().sum() > 0


@pytest.mark.correctness
def test_teacher_forced_loss_ignores_what_is_predicted_for_padding():
    model, (inputs, labels) = Machine(), batch()
    other = inputs.clone()
    other[1, 2:] = 6
    assert_close(teacher_forced_loss(model, inputs, labels, PAD), teacher_forced_loss(model, other, labels, PAD))


@pytest.mark.gpu
def test_teacher_forced_loss_reads_nothing_back(device, trace):
    model, (inputs, labels) = Machine(), batch()
    expected = teacher_forced_loss(model, inputs, labels, PAD)
    model, inputs, labels = model.to(device), inputs.to(device), labels.to(device)
    with trace() as seen:
        loss = teacher_forced_loss(model, inputs, labels, PAD)
    assert loss.device.type == device
    assert_close(loss.cpu(), expected)
    assert seen.readbacks == seen.to_host == 0


@pytest.mark.speed
def test_teacher_forced_loss_beats_a_loop(times_faster):
    logits = torch.randn(4, 100, 30)
    inputs, labels = torch.randint(1, 30, (2, 4, 100))

    def loop():
        steps = [nn.functional.cross_entropy(logits[:, t], labels[:, t]) for t in range(100)]
        return torch.stack(steps).mean()

    def model(ids, state=None):
        return logits, state

    assert_close(teacher_forced_loss(model, inputs, labels, PAD), loop())
    faster = times_faster(
        lambda: [teacher_forced_loss(model, inputs, labels, PAD) for _ in range(20)], lambda: [loop() for _ in range(5)]
    )
    assert 4 * faster > 4, f"a loop over the steps takes only {4 * faster:.1f} times as long"


# free_running_loss


@pytest.mark.correctness
def test_free_running_loss_feeds_the_models_own_tokens():
    model, (inputs, labels) = Machine(), batch()
    fed = running_free(model, inputs[:, :1], 4)
    losses = [loss for row in by_hand(model, fed, labels) for loss in row]
    assert_close(free_running_loss(model, inputs, labels, PAD), torch.stack(losses).mean())


@pytest.mark.correctness
def test_free_running_loss_feeds_one_token_at_a_time():
    model, (inputs, labels) = Machine(), batch()
    fed = running_free(model, inputs[:, :1], 4)
    model.fed.clear()
    free_running_loss(model, inputs, labels, PAD)
    assert model.fed == [fed[:, t : t + 1].tolist() for t in range(4)]


@pytest.mark.gpu
def test_free_running_loss_reads_nothing_back(device, trace):
    model, (inputs, labels) = Machine(), batch()
    expected = free_running_loss(model, inputs, labels, PAD)
    model, inputs, labels = model.to(device), inputs.to(device), labels.to(device)
    with trace() as seen:
        loss = free_running_loss(model, inputs, labels, PAD)
    assert loss.device.type == device
    assert_close(loss.cpu(), expected)
    assert seen.readbacks == seen.to_host == 0


# scheduled_inputs


@pytest.mark.correctness
def test_scheduled_inputs_at_both_ends():
    model, (inputs, _) = Machine(), batch()
    assert torch.equal(scheduled_inputs(model, inputs, ratio=1.0), inputs)
    assert torch.equal(scheduled_inputs(model, inputs, ratio=0.0), running_free(model, inputs[:, :1], 4))


@pytest.mark.correctness
def test_scheduled_inputs_are_gold_or_what_the_model_writes_after_the_mixed_prefix():
    model, inputs = Machine(), torch.randint(0, 7, (20, 30))
    mixed = scheduled_inputs(model, inputs, ratio=0.5)
    own = model(mixed)[0].argmax(-1)[:, :-1]
    gold, mixed = inputs[:, 1:], mixed[:, 1:]
    assert ((mixed == gold) | (mixed == own)).all()
    share = (mixed == gold)[gold != own].float().mean()
    assert 0.35 < share < 0.65


@pytest.mark.correctness
def test_scheduled_inputs_draw_from_the_generator():
    model, inputs = Machine(), torch.randint(0, 7, (20, 30))
    before = torch.get_rng_state()
    one, other = (scheduled_inputs(model, inputs, 0.5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.correctness
@pytest.mark.parametrize("ratio", [-0.1, 1.1, math.nan])
def test_scheduled_inputs_refuse_what_is_no_probability(ratio):
    with pytest.raises(ValueError, match="ratio"):
        scheduled_inputs(Machine(), batch()[0], ratio)


# greedy_decode


@pytest.mark.correctness
def test_greedy_decode_goes_on_with_the_prompt_one_token_a_call():
    model, prompt = Machine(), torch.tensor([[1, 4], [1, 2]])
    expected = running_free(model, prompt, 7)
    model.fed.clear()
    assert torch.equal(greedy_decode(model, prompt, max_new_tokens=5, eos_id=99, pad_id=PAD), expected)
    assert model.fed == [prompt.tolist(), *(expected[:, t : t + 1].tolist() for t in range(2, 6))]


@pytest.mark.correctness
def test_greedy_decode_ends_a_row_at_its_eos_and_all_when_the_last_has_ended():
    model, prompt = Machine(), torch.arange(1, 7)[:, None]
    free = running_free(model, prompt, 30)[:, 1:].tolist()
    ends = [row.index(EOS) + 1 if EOS in row else 29 for row in free]
    expected = [row[:end] + [PAD] * (max(ends) - end) for row, end in zip(free, ends, strict=True)]
    assert len(set(ends)) > 1
    assert greedy_decode(model, prompt, 29, EOS, PAD)[:, 1:].tolist() == expected


@pytest.mark.correctness
def test_greedy_decode_goes_on_after_an_eos_in_the_prompt():
    model, prompt = Machine(), torch.tensor([[EOS, EOS]])
    first = model(prompt)[0][:, -1:].argmax(-1)
    assert torch.equal(greedy_decode(model, prompt, 1, EOS, PAD), torch.cat([prompt, first], 1))


@pytest.mark.gpu
def test_greedy_decode_reads_one_value_back_for_each_token(device, trace):
    model, prompt = Machine(), torch.tensor([[1, 4], [1, 2], [1, 6]])
    expected = greedy_decode(model, prompt, 6, EOS, PAD)
    model, prompt = model.to(device), prompt.to(device)
    with trace() as seen:
        tokens = greedy_decode(model, prompt, 6, EOS, PAD)
    assert tokens.device.type == device
    assert torch.equal(tokens.cpu(), expected)
    assert seen.readbacks + seen.to_host <= tokens.size(1) - 2


@pytest.mark.speed
def test_greedy_decode_beats_a_loop_over_rows(times_faster):
    table = torch.randn(40, 40)
    prompt = torch.randint(0, 40, (100, 1))

    def model(ids, state=None):
        return table[ids], state

    def loop():
        rows = prompt
        for _ in range(10):
            logits, _ = model(rows[:, -1:])
            rows = torch.cat([rows, torch.stack([row[-1].argmax().reshape(1) for row in logits])], 1)
        return rows

    assert torch.equal(greedy_decode(model, prompt, 10, eos_id=99, pad_id=PAD), loop())
    faster = times_faster(lambda: [greedy_decode(model, prompt, 10, 99, PAD) for _ in range(5)], lambda: loop())
    assert 5 * faster > 2.5, f"a loop over the rows takes only {5 * faster:.1f} times as long"


# sequence_log_prob


@pytest.mark.correctness
def test_sequence_log_prob_sums_over_the_real_labels_of_each_row():
    model, (inputs, labels) = Machine(), batch()
    labels[2] = PAD
    expected = [-sum(row) for row in by_hand(model, inputs, labels)]
    seen = sequence_log_prob(model, inputs, labels, PAD)
    assert seen.shape == (3,)
    assert_close(seen[:2], torch.stack(expected[:2]))
    assert seen[2] == 0


@pytest.mark.correctness
def test_sequence_log_prob_is_finite_where_padding_has_no_chance():
    model, (inputs, labels) = Machine(), batch()
    with torch.no_grad():
        model.table[:, PAD] = -math.inf
    assert sequence_log_prob(model, inputs, labels, PAD).isfinite().all()
