"""Generative learning against teacher forcing: what a decoder is fed while it learns, and while it writes.

A language model writes one token after the other, and each one depends on those before it. While it learns, "those
before it" can be the gold tokens of the text (teacher forcing: all positions in one call), or the tokens that the model
itself has just written (free running: position after position, as later in use). Scheduled sampling mixes the two.

A model in this module is called as `model(ids, state=None)` with ids (B, T), and returns `(logits, state)`. The logits
(B, T, V) at position t are the model's opinion on the token that *follows* ids[:, t]. The state is what it remembers of
all tokens so far: give it back with the next tokens, and the model goes on where it was. What a state is made of (a
tensor, a tuple, anything) is the model's own affair: hand it on as it is, without asking whether it is true or empty.

Rules for this module: ids are long, arguments are not written to, results stay on the device of the arguments, and the
model's mode (`train()` or `eval()`) and parameters stay as they are. No task seeds torch's global generator. Padding
stands behind the text of a row, never before it; `labels != pad_id` tells the real labels.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Model = Callable[..., tuple[Tensor, Any]]


def shift_right(labels: Tensor, bos_id: int) -> Tensor:
    """Turn what a decoder must write into what it is fed: the same tokens one step later.

    At position t the decoder must write labels[:, t], and may know only what stands before it. So it is fed bos at
    first, and then each label right after the step at which it was to be written. The last label is never fed.

    Args:
        labels: (B, T), T at least 1; ids of any sign, such as -100 for a label that doesn't count, are shifted alike.
        bos_id: the token that begins every text.

    Returns:
        (B, T), a new tensor of the dtype of labels.

    >>> shift_right(torch.tensor([[5, 6, 7]]), bos_id=1)
    tensor([[1, 5, 6]])

    Slide: Generative learning against teacher forcing, "shift right".
    """
    raise NotImplementedError("shift_right")


def make_inputs_and_labels(tokens: list[list[int]], bos_id: int, eos_id: int, pad_id: int) -> tuple[Tensor, Tensor]:
    """Make a padded batch for a decoder from lists of ids.

    A text of n tokens gives n + 1 steps: inputs are bos and the text, labels are the text and eos. So eos is learnt
    (where to end) but never fed, and bos is fed but never learnt.

    Args:
        tokens: B lists of ids, at least one; some or all may be empty. They stay as they are.
        bos_id: stands at the beginning of every row of inputs; it may equal pad_id.
        eos_id: stands behind the text in every row of labels.
        pad_id: fills both up to the longest row.

    Returns:
        `(inputs, labels)`, a tuple of two long tensors (B, T + 1) on the CPU, where T is the length of the longest
        list. Every id of the text is kept, also one that equals bos_id, eos_id or pad_id: behind a text that ends with
        eos_id stands one more.

    >>> inputs, labels = make_inputs_and_labels([[5, 6], [7]], bos_id=1, eos_id=2, pad_id=0)
    >>> inputs
    tensor([[1, 5, 6],
            [1, 7, 0]])
    >>> labels
    tensor([[5, 6, 2],
            [7, 2, 0]])

    Slide: Generative learning against teacher forcing, "inputs and labels".
    """
    raise NotImplementedError("make_inputs_and_labels")


def teacher_forced_loss(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    """How badly the model expects the labels when it is fed the gold tokens: all positions at once.

    The model is called exactly once, with all inputs and without a state. On an accelerator nothing is read back to
    Python: no `.item()`, no `if` on a tensor, no indexing by a mask (how many values it picks, the host has to wait
    for). A Python loop over rows or steps is too slow.

    Args:
        model: `model(ids, state=None)` to `(logits, state)`.
        inputs: (B, T), for example labels shifted to the right; T may be 1. bos may equal pad_id, and padding in the
            inputs says nothing: only the labels tell which positions count.
        labels: (B, T), with pad_id where there is nothing to write; at least one label is real.
        pad_id: the label that doesn't count, an id of the vocabulary.

    Returns:
        A 0-d tensor in the dtype of the logits: the mean of -log p(label) over all real labels of the batch, in nats.
        Every real label weighs the same, whether its row is long or short. Gradients flow to the model's parameters.
        It is finite and right for finite logits of any size, such as ±1e4.

    >>> counter = lambda ids, state=None: (9.0 * F.one_hot((ids + 1) % 6, 6), state)  # expects i + 1 after i
    >>> inputs, labels = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([[2, 3, 4], [5, 0, 0]])
    >>> teacher_forced_loss(counter, inputs, labels, pad_id=0)
    tensor(0.0006)

    Slide: Generative learning against teacher forcing, "teacher forcing"; Williams and Zipser, 1989.
    """
    raise NotImplementedError("teacher_forced_loss")


def free_running_loss(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    """How badly the model expects the labels when it is fed what it wrote itself: as it will be in use.

    At the first step the model is fed inputs[:, :1]; at every later step its own most probable token of the step
    before. The rest of the inputs is not looked at. The state is handed on, so that each call is fed one new token a
    row, and there are no more calls than steps. On an accelerator nothing is read back to Python.

    Args:
        model, inputs, labels, pad_id: as for `teacher_forced_loss`.

    Returns:
        A 0-d tensor: the mean of -log p(label) over all real labels, in nats, as in `teacher_forced_loss`. Gradients
        flow to the model's parameters, through the state to earlier steps too; the choice of a token has no gradient.

    >>> counter = lambda ids, state=None: (9.0 * F.one_hot((ids + 1) % 6, 6), state)  # expects i + 1 after i
    >>> inputs, labels = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([[2, 3, 4], [5, 0, 0]])
    >>> free_running_loss(counter, inputs, labels, pad_id=0)
    tensor(0.0006)

    Slide: Generative learning against teacher forcing, "free running"; exposure bias.
    """
    raise NotImplementedError("free_running_loss")


def scheduled_inputs(model: Model, inputs: Tensor, ratio: float, generator: torch.Generator | None = None) -> Tensor:
    """Mix gold tokens with the model's own: scheduled sampling.

    Column after column, a coin is thrown for every row: with probability ratio the row keeps its gold token, else it
    gets the model's most probable token after the *mixed* tokens before it. All coins are independent.

    Args:
        model: `model(ids, state=None)` to `(logits, state)`.
        inputs: (B, T), T at least 1; the first column is always kept.
        ratio: probability of the gold token, from 0 (free running) to 1 (teacher forcing).
        generator: what all coins come from, so that torch's global generator is left alone; None: the global one.

    Returns:
        (B, T), long. No graph is built on the way.

    Raises:
        ValueError: ratio lies outside [0, 1] or is not a number; the message names it.

    >>> counter = lambda ids, state=None: (9.0 * F.one_hot((ids + 1) % 6, 6), state)  # expects i + 1 after i
    >>> scheduled_inputs(counter, torch.tensor([[1, 0, 5, 0]]), ratio=0.0)
    tensor([[1, 2, 3, 4]])
    >>> scheduled_inputs(counter, torch.tensor([[1, 0, 5, 0]]), ratio=1.0)
    tensor([[1, 0, 5, 0]])

    Slide: Generative learning against teacher forcing, "scheduled sampling"; Bengio et al., 2015.
    """
    raise NotImplementedError("scheduled_inputs")


def greedy_decode(model: Model, prompt: Tensor, max_new_tokens: int, eos_id: int, pad_id: int) -> Tensor:
    """Let the model go on with a prompt, always with its most probable token.

    The first call is fed the whole prompt, every later one the newest token of each row and the state: no prefix is
    run again, and there are no more calls than new columns, so none for max_new_tokens = 0. What a row is fed after
    its end doesn't matter. On an accelerator one yes-or-no may be read back for each new token, for example whether
    all rows have ended; nothing else. A Python loop over the rows is too slow.

    Args:
        model: `model(ids, state=None)` to `(logits, state)`.
        prompt: (B, T0), T0 and B at least 1. An eos in it ends nothing.
        max_new_tokens: the most tokens that a row may get; 0 gives the prompt back.
        eos_id: ends the row in which the model writes it, and is kept.
        pad_id: stands behind the eos of a row that has ended. It may equal eos_id; where the model itself writes it
            before the end, it is a token like any other.

    Returns:
        (B, T0 + new), long: the prompt and the new tokens. It ends when all rows have ended: the longest row of new
        tokens fills `new` columns, at most max_new_tokens. No graph is built on the way.

    >>> counter = lambda ids, state=None: (9.0 * F.one_hot((ids + 1) % 6, 6), state)  # expects i + 1 after i
    >>> greedy_decode(counter, torch.tensor([[0, 1], [2, 3]]), max_new_tokens=9, eos_id=5, pad_id=0)
    tensor([[0, 1, 2, 3, 4, 5],
            [2, 3, 4, 5, 0, 0]])

    Slide: Generative learning against teacher forcing, "greedy search".
    """
    raise NotImplementedError("greedy_decode")


def sequence_log_prob(model: Model, inputs: Tensor, labels: Tensor, pad_id: int) -> Tensor:
    """How probable the model finds each text as a whole, when it is fed the gold tokens.

    Args:
        model, inputs, labels, pad_id: as for `teacher_forced_loss`; here a row may be without any real label.

    Returns:
        (B,) in the dtype of the logits: for each row the sum of log p(label) over its real labels, in nats, at most 0;
        a row without real labels has exactly 0. It is finite and right even where the model gives padding a logit of
        -inf, that is, no chance at all.

    >>> counter = lambda ids, state=None: (9.0 * F.one_hot((ids + 1) % 6, 6), state)  # expects i + 1 after i
    >>> inputs, labels = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([[2, 3, 4], [5, 0, 0]])
    >>> sequence_log_prob(counter, inputs, labels, pad_id=0)
    tensor([-0.0019, -0.0006])

    Slide: Generative learning against teacher forcing, "the probability of a text".
    """
    raise NotImplementedError("sequence_log_prob")
