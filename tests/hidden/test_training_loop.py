"""Judgements about training loops: models, batches and old gradients that the grader draws, followed in float64."""

from collections.abc import Callable
from typing import Any

import torch
from hidden.training_loop_fits import (
    LINE_SHOWN,
    LINE_X,
    LINE_Y,
    edge_cases,
    expect_line,
    expect_polynomial,
    flat,
    line_cases,
    long_digits,
    long_start,
    polynomial_cases,
)
from hidden.training_loop_history import (
    GRADIENTS_NOT_COPIED,
    MOMENTS,
    VALUES_NOT_COPIED,
    expect_history,
    expect_names,
    expect_one_step,
    four_dicts,
    only,
    pair_of,
    slopes,
)
from hidden.training_loop_judging import (
    KNOWN,
    alike,
    detached,
    follows,
    modes_of,
    observed,
    one_call_each,
    real,
    same_flags,
    same_settings,
    same_state,
    scalar,
    step_ways,
    untouched,
)
from hidden.training_loop_loops import (
    expect_count,
    expect_epochs,
    expect_evaluation,
    expect_restored,
    few_read_backs,
    first_class_wins,
    many_answers,
    other_losses,
    ran_in_train_mode,
    ran_well,
    right_rounds,
    round_ways,
    telling_batches,
    trained_or_before,
)
from hidden.training_loop_plans import (
    ADAMW,
    DECAYING,
    GROUPS,
    MOMENTUM,
    PLAIN,
    batches,
    dropping,
    moody,
    normed,
    perceptron,
    plan,
    shared,
    stale,
    tied,
)
from hidden.training_loop_references import norms, walk

from grader.checks import correctness, gpu, speed
from grader.judge import expect, on, sequence, stays_on_device

# train_step


@correctness(
    "train_step", points=0.8, hint="zero_grad, then loss_fn(model(inputs), targets), then backward, then step."
)
def test_train_step_updates(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    plans = [
        plan(fresh, perceptron(a, b, c), "poisson", MOMENTUM, frozen=("layers.0.bias",)),
        plan(fresh, moody(a, b, c), "cross entropy", ADAMW, dtype=torch.float64),
        plan(fresh, moody(c, a, 1), "mse", DECAYING, dtype=torch.float64, evaluating=("layers.1",)),
    ]
    for k, one in enumerate(plans):
        data = batches(fresh, one, *fresh.sizes(2, 3, 9), 4 if k == 1 else 1)
        if k == 2:
            data = [(inputs, 1000 * targets) for inputs, targets in data]  # steep: nobody asked for clipping
        old = stale(fresh, one)
        if k == 2:
            old = {name: value.sign() * torch.inf for name, value in old.items()}
        reply = observed(student, "steps", one, data, old, k == 1, known=KNOWN)
        follows(reply["losses"], reply["states"], list(walk(one, data, old)), step_ways(one, data, old))
        untouched(reply["batches"], data)
        one_call_each(reply["calls"], len(data))


@correctness("train_step", points=0.5, hint="Return loss.detach(); leave model.train() and model.eval() to the caller.")
def test_train_step_returns_a_detached_loss_and_keeps_modes(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    for evaluating in [("layers.1",), ("", "layers", "layers.0", "layers.2", "layers.3", "witness")]:
        layers = moody(a, b, c)
        one = plan(fresh, layers, "mse", dtype=torch.float64, frozen=("layers.3.weight",), evaluating=evaluating)
        data = batches(fresh, one, 3, 4)
        reply = observed(student, "steps", one, data, {}, False, known=KNOWN)
        for loss in sequence(reply["losses"], 2):
            scalar(loss)
            detached(loss)
        same_flags(reply["flags"], one)
        during, modes = [call["training"] for call in reply["calls"]], modes_of(one)
        wrong = "train_step changes the mode of the model: it is to stay"
        expect(all(seen == modes for seen in during), "the model runs in another mode than it was in", wrong)
        same_settings(reply["changed"])
        follows(reply["losses"], reply["states"], list(walk(one, data)), step_ways(one, data, {}))


@gpu("train_step", points=0.4, hint="A detached loss stays on the device; .item() would wait for it.")
def test_train_step_on_device(student, device, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, perceptron(a, b, c), "cross entropy", MOMENTUM)
    data = batches(fresh, one, 5, 3)
    value, trace = student.traced_probe("steps_on", one, data, student.device)
    losses, state = sequence(value, 2)
    expected = list(walk(one, data))
    for seen, (loss, _) in zip(sequence(losses, 2), expected, strict=True):
        expect(alike(scalar(seen), loss), "the loss is wrong")
        on(seen, device, "the loss")
    expect(same_state(state, expected[-1][1]), "the model is wrong after two steps")
    stays_on_device(trace)


# fit_linear


def fitted(student: Any, expected: Callable[..., None], cases: list[tuple[Any, ...]]) -> None:
    """A fit's values for each case; x and y are only read."""
    replies, changed = sequence(observed(student, "fits", student.task, cases, known=KNOWN), 2)
    for reply, case in zip(sequence(replies, len(cases)), cases, strict=True):
        value, points = sequence(reply, 2)
        expected(value, *case)
        untouched([points], [case[:2]])
    same_settings(changed)  # layers may be drawn and then overwritten: the seed is where that began


@correctness("fit_linear", points=0.7, hint="The gradients of the mean square are mean(2·r·x) and mean(2·r).")
def test_fit_linear_descends(student, fresh):
    x, y = torch.tensor(LINE_X), torch.tensor(LINE_Y)
    start = {"weight": -0.41272517, "bias": 0.32145093, "lr": 0.001, "epochs": 60}
    value = student.call(x, y, **start)
    expect_line(value, x, y, *start.values())
    for loss, shown in zip(value[2][4::5], LINE_SHOWN, strict=True):
        expect(abs(real(loss, "a loss") - shown) < 1e-4, "a loss is not the one that the lecture shows")
    fitted(student, expect_line, line_cases(fresh))


@correctness("fit_linear", points=0.5, hint="y' and y need one shape: (N, 1) minus (N,) is (N, N).")
def test_fit_linear_shapes_and_edges(student, fresh):
    n = fresh.integer(4, 9)
    x, y = fresh.normal(n), fresh.normal(n)
    wide = [part.double() for part in (x, y)]
    strided = [fresh.normal(n, 2)[:, 0], (100 * fresh.normal(2 * n))[::2]]  # and steep
    columns = [[x[:, None], y[:, None]], [fresh.normal(2, n)[:1].t(), fresh.normal(n, 3)[:, 1:2]]]
    single = [[fresh.normal(1), fresh.normal(1)], [fresh.normal(1, 1), fresh.normal(1, 1)]]
    many = [fresh.normal(70), fresh.normal(70)]
    pairs = [[x, y], wide, strided, *columns, *single, [part[:, None] for part in wide], many]
    fitted(student, expect_line, [*edge_cases(fresh, pairs, lr=0.1), flat(fresh), long_start(fresh)])


# fit_polynomial


@correctness("fit_polynomial", points=0.7, hint="dL/da is mean(2·(y' - y)·x²); both gradients before both updates.")
def test_fit_polynomial_descends(student, fresh):
    x, y = torch.tensor([-1.0, 1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0])
    a, b = fresh.number(-1, 1), fresh.number(-1, 1)
    value = student.call(x=x, y=y, a=a, b=b, lr=0.14, steps=150)
    expect_polynomial(value, x, y, a, b, 0.14, 150)
    for seen, end in zip(value, (0.5, 1.0, 1 / 6), strict=True):
        expect(abs(real(seen, "a number") - end) < 1e-3, "the descent does not arrive")
    fitted(student, expect_polynomial, polynomial_cases(fresh))


@correctness("fit_polynomial", points=0.3, hint="The loss is computed once more behind the last step; no step is fine.")
def test_fit_polynomial_edges(student, fresh):
    n = fresh.integer(3, 7)
    x, y = fresh.normal(n), fresh.normal(n)
    twice = [fresh.integers(-1, 1, n + 4).float(), fresh.normal(n + 4)]  # several points with one x
    single = [fresh.normal(1), fresh.normal(1)]
    pairs = [[x, y], [x.double(), y.double()], [fresh.normal(2 * n)[::2], 100 * y], single, twice]
    fitted(student, expect_polynomial, [*edge_cases(fresh, pairs, lr=0.01), flat(fresh), long_digits(fresh)])


# gradient_history


@correctness("gradient_history", points=0.7, hint="Take a dict after each of: zero_grad, backward, step, zero_grad.")
def test_gradient_history_values_and_gradients(student, fresh):
    x, y = torch.tensor(LINE_X)[:, None], torch.tensor(LINE_Y)[:, None]
    shown = [("weight", (0.4165, 0.4065), 10.0239, 0.003), ("bias", (0.4819, 0.4805), 1.3666, 0.001)]
    a, b, c = fresh.sizes(3, 2, 6)
    sharing = plan(fresh, tied(a, b), "mse")
    sharing["state"]["layers.3.weight"].zero_()  # what stands before it has gradients, all zeros
    for one in (
        plan(fresh, perceptron(a, b, c), "poisson", MOMENTUM, frozen=("layers.2.weight",)),
        plan(fresh, normed(a, b, c), "cross entropy", ADAMW, dtype=torch.float64, evaluating=("layers.2",)),
        sharing,
    ):
        (batch,), old = batches(fresh, one, fresh.integer(3, 8)), stale(fresh, one)
        reply = observed(student, "history", one, batch, old, known=KNOWN)
        four_dicts(reply["history"])
        same_flags(reply["flags"], one)
        same_settings(reply["changed"])
        gradients, before, state = slopes(one, batch)
        for name, gradient in gradients.items():
            values = [before[name], state[name]]
            expect_history(reply["history"], name, values, gradient, old.get(name), one["dtype"])
        expect_names(reply["history"], gradients)
        expect_one_step(reply["state"], one, batch, old)
        one_call_each(reply["calls"], 1)
        untouched([reply["batch"]], [batch])
    seen = student.probe("line_history", 0.4165, 0.4819, 0.001, x, y)
    for name, values, gradient, within in shown:
        for k in range(4):
            value, slope = pair_of(seen, k, name)
            expect(abs(only(value) - values[k >= 2]) < 1e-4, f"the lecture's {name} is wrong after {MOMENTS[k]}")
            if k in (1, 2):
                near = slope is not None and abs(only(slope) - gradient) <= within
                expect(near, f"the lecture's gradient of {name} is wrong after {MOMENTS[k]}")


@correctness("gradient_history", points=0.4, hint="clone() what stands in the model: it goes on changing.")
def test_gradient_history_is_copied(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, moody(a, b, c), "mse", MOMENTUM, dtype=torch.float64, frozen=("layers.0.bias",))
    (batch,), old = batches(fresh, one, fresh.integer(3, 8)), stale(fresh, one)
    reply = observed(student, "history", one, batch, old, known=KNOWN)
    four_dicts(reply["history"])
    gradients, _, state = slopes(one, batch)
    for name, gradient in gradients.items():
        expect_history(reply["history"], name, [one["state"][name], state[name]], gradient, old.get(name), one["dtype"])
    written = sequence(reply["written"], None, "the tensors")
    kept = all(bool((seen.data == 1.0 + k).all()) for k, seen in enumerate(written))
    expect(kept, "writing to one tensor of the history changes another", GRADIENTS_NOT_COPIED)
    expect(
        same_state(reply["state after writing"], state), "writing to the history changes the model", VALUES_NOT_COPIED
    )
    left = [value for value in reply["gradients after writing"].values() if value is not None and value.data.any()]
    expect(not left, "writing to the history changes gradients of the model", GRADIENTS_NOT_COPIED)
    same_flags(reply["flags"], one)


# evaluate


@correctness("evaluate", points=0.7, hint="Add up loss times batch size, and right answers; divide by the samples.")
def test_evaluate_means_over_samples(student, fresh):
    a, b, c = fresh.sizes(3, 3, 7)
    cases = [
        (plan(fresh, perceptron(a, b, c), "cross entropy"), [5, 5, 2], "list"),
        (plan(fresh, dropping(a, b, c), "smoothed", dtype=torch.float64), [c, 4, 1], "generator"),
        (plan(fresh, dropping(b, a, 2), "smoothed"), [fresh.integer(3, 9)], "lists"),
        (plan(fresh, perceptron(c, b, a), "cross entropy"), [1, fresh.integer(5, 9)], "loader"),
        (first_class_wins(fresh), [2 * fresh.integer(2, 5) + 1], "list"),  # not half of an odd number is of one class
        (plan(fresh, perceptron(a, 2, 1), "cross entropy"), [b], "list"),
    ]
    for one, sizes, form in cases:
        data = telling_batches(fresh, one, *sizes) if len(sizes) == 3 else batches(fresh, one, *sizes)
        if one is cases[-1][0]:  # of one class, and the largest logit of a batch does not come first in both
            data += [tuple(part.flip(0) for part in data[0])]
        reply = observed(student, "evaluated", one, data, form, None, True, {}, known=KNOWN)
        expect_evaluation(reply["value"], one, data, reply["calls"])
        one_call_each(reply["calls"], len(data))
        same_settings(reply["changed"])
        untouched(reply["batches"], data)
    one, batch = many_answers(fresh)
    reply = observed(student, "evaluated", one, [batch], "list", None, True, {}, known=KNOWN)
    expect_count(reply["value"], one, batch)


@correctness("evaluate", points=0.6, hint="Note each submodule's flag, eval(), no_grad(); put flags back in a finally.")
def test_evaluate_restores_modes_and_records_nothing(student, fresh):
    a, b, c = fresh.sizes(3, 5, 9)  # more classes than samples in a batch: no logits are square
    for evaluating, fails, grad in [
        (("layers.1", "layers.4"), None, True),
        (("", "layers", "layers.0", "layers.3"), None, False),
        (("layers.2", "layers.3"), ("model", 2), True),
        (("layers.1", "layers"), ("loader", 1), True),
        (("layers", "layers.2"), ("loader", -1), True),
    ]:
        one = plan(fresh, shared(a, b, c), "smoothed", evaluating=evaluating, frozen=("layers.0.weight",))
        data, old = telling_batches(fresh, one, 4, 3, 1), stale(fresh, one)
        reply = observed(student, "evaluated", one, data, "generator", fails, grad, old, known=KNOWN)
        if fails is None:
            expect_evaluation(reply["value"], one, data, reply["calls"])
        expect_restored(reply, one, old, fails)


@gpu("evaluate", points=0.4, hint="Sums stay tensors on the device; read them back once, behind the loop.")
def test_evaluate_on_device(student, fresh):
    a, b, c = fresh.sizes(3, 5, 9)
    one = plan(fresh, dropping(a, b, c), "cross entropy")
    data = telling_batches(fresh, one, 4, 4, 4, 1)
    value, trace = student.traced_probe("evaluated_on", one, data, student.device)
    expect_evaluation(value, one, data, [])
    few_read_backs(trace, 2)


# train


@correctness("train", points=0.6, hint="model.train(), a step on each batch, and sums of loss times batch size.")
def test_train_losses_and_weights(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    everything = ("", "layers", "layers.0", "layers.1", "layers.2", "layers.3", "witness")
    shifting = plan(fresh, normed(a, b, c), "cross entropy", MOMENTUM, dtype=torch.float64, evaluating=everything)
    plain = plan(fresh, perceptron(c, a, b), "poisson", DECAYING, frozen=("layers.0.bias",), evaluating=("layers.1",))
    rising = plan(fresh, perceptron(a, b, c), "mse", PLAIN, dtype=torch.float64)
    for one, sizes, epochs in [
        (shifting, [4, 4, 3], 3),
        (plain, [5, 1], 2),
        (shifting, [3], 1),
        (plain, [2, 3], 0),
        (rising, [2], 3),
    ]:
        passes = [batches(fresh, one, *sizes) for _ in range(max(1, epochs))]
        if one is rising:  # the loss of the second epoch is far above the first
            passes[1] = [(inputs, 10 + 10 * targets.abs()) for inputs, targets in passes[1]]
        reply = observed(student, "trained", one, passes, epochs, {}, known=KNOWN)
        if epochs:
            ran_in_train_mode(reply["calls"])
        expect_epochs(reply["value"], reply["state"], one, passes[:epochs])
        one_call_each(reply["calls"], epochs * len(sizes))
        for seen, given in zip(reply["passes"], passes, strict=True):
            untouched(seen, given)
        same_flags(reply["flags"], one, "requires_grad")
        trained_or_before(reply["flags"], one)
        same_settings(reply["changed"])


@correctness("train", points=0.4, hint="clip_grad_norm_(model.parameters(), max_norm), behind backward, before step.")
def test_train_clips_between_backward_and_step(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, perceptron(a, b, c), "mse", GROUPS, dtype=torch.float64, frozen=("layers.2.bias",))
    passes = [batches(fresh, one, 4, 4, 3) for _ in range(2)]
    order = sorted(norms(one, [batch for data in passes for batch in data]))
    for max_norm in (round(order[0] / 3, 4), round((order[2] + order[3]) / 2, 4), 1e4):
        options = [max_norm] if max_norm == 1e4 else {"max_norm": max_norm}
        reply = observed(student, "trained", one, passes, 2, options, known=KNOWN)
        expect_epochs(reply["value"], reply["state"], one, passes, max_norm)
    max_norm = round(order[0] / 3, 4)
    reply = observed(student, "trained", one, passes, 1, [max_norm], 1, known=KNOWN)
    losses = [loss for part in sequence(reply["value"], 2) for loss in sequence(part, 1, "the list of losses")]
    expect_epochs(losses, reply["state"], one, passes, max_norm, clipped=1)


@correctness("train", points=0.2, hint="Add up loss.detach(): the loss itself keeps the graph of its step alive.")
def test_train_releases_the_graph_of_each_step(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, perceptron(a, b, c), "mse", PLAIN)
    passes = [batches(fresh, one, *[3] * 6) for _ in range(2)]
    reply = observed(student, "trained", one, passes, 2, {}, known=KNOWN)
    expect_epochs(reply["value"], reply["state"], one, passes)
    ran_well(reply, passes)
    most = max(call["alive"] for call in reply["calls"])
    wrong = "the losses are kept with their graphs: they are not detached"
    expect(most <= 3, f"the graphs of {most} earlier steps are still held during a step", wrong)
    expect(reply["alive"] == 0, "graphs are still held when train has returned", wrong)


@gpu("train", points=0.4, hint="Sum the detached losses on the device; one .item() at the end of the epoch.")
def test_train_on_device(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, perceptron(a, b, c), "cross entropy", MOMENTUM)
    passes = [batches(fresh, one, 4, 4, 4, 2) for _ in range(2)]
    max_norm = round(min(norms(one, passes[0])) * 0.9, 4)
    value, trace = student.traced_probe("trained_on", one, passes, max_norm, student.device)
    losses, state = sequence(value, 2)
    expect_epochs(losses, state, one, passes, max_norm)
    for name, seen in state.items():
        on(seen, student.device, name)
    few_read_backs(trace, len(passes))


@speed("train", points=0.5, hint="Each step adds its loss to a sum; nothing goes over the losses of earlier steps.")
def test_train_speed(race, fresh):
    def unit():
        count, size = fresh.integer(850, 900), fresh.integer(10, 14)
        return fresh.number(0.5, 1.5), fresh.number(0.01, 0.02), fresh.normal(count, size), fresh.normal(count, size)

    def verify(value, reference):
        (losses, weight), (expected, other) = sequence(value, 2), reference
        (loss,) = sequence(losses, 1, "the losses")
        expect(alike(real(loss, "the loss"), expected[0]), "the loss is wrong")
        expect(alike(weight, other.data), "the model is wrong after an epoch")

    race("trained_long", unit, verify, limit=2.8)


# accumulated_step


@correctness(
    "accumulated_step", points=0.8, hint="Weight each piece's loss by its share of all samples, then backward."
)
def test_accumulated_step_equals_one_step_on_everything(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    cases = [
        (plan(fresh, perceptron(a, b, c), "poisson", MOMENTUM, frozen=("layers.0.weight",)), [5, 1, 3], "generator"),
        (plan(fresh, perceptron(c, a, b), "cross entropy", ADAMW, dtype=torch.float64), [2, 6], "list"),
        (plan(fresh, tied(b, a), "mse", DECAYING), [fresh.integer(2, 5)], "lists"),
        (plan(fresh, perceptron(a, b, c), "smoothed", PLAIN), [1, 1, 4, 2], "generator"),
    ]
    for one, sizes, form in cases:
        rounds = [batches(fresh, one, *sizes), batches(fresh, one, *reversed(sizes), 3)]
        old = stale(fresh, one)
        reply = observed(student, "accumulated", one, rounds, old, form, known=KNOWN)
        follows(
            reply["losses"],
            reply["states"],
            right_rounds(one, rounds),
            round_ways(one, rounds, old),
            other_losses(one, rounds),
        )
        same_settings(reply["changed"])
        for seen, given in zip(reply["rounds"], rounds, strict=True):
            untouched(seen, given)


@correctness("accumulated_step", points=0.4, hint="One forward for each piece; the sum of detached losses is returned.")
def test_accumulated_step_runs_each_piece_once_and_detaches(student, fresh):
    a, b, c = fresh.sizes(3, 2, 6)
    one = plan(fresh, perceptron(a, b, c), "mse", MOMENTUM, frozen=("layers.2.weight",), evaluating=("layers.1",))
    rounds = [batches(fresh, one, *fresh.sizes(3, 1, 7)), batches(fresh, one, 2)]
    reply = observed(student, "accumulated", one, rounds, {}, "generator", known=KNOWN)
    follows(
        reply["losses"],
        reply["states"],
        right_rounds(one, rounds),
        round_ways(one, rounds, {}),
        other_losses(one, rounds),
    )
    for loss, calls, pieces in zip(reply["losses"], reply["calls"], rounds, strict=True):
        detached(loss)
        wrong = "the pieces go through the model together, or more than once"
        sizes = sorted(len(targets) for _, targets in pieces)
        expect(sorted(calls) == sizes, f"the model is called {len(calls)} times for {len(sizes)} pieces", wrong)
    same_flags(reply["flags"], one)
    same_settings(reply["changed"])
