"""Judgements about decoding: models whose weights are drawn here, and what they write, computed here in float64."""

import math
from functools import partial

import torch
from hidden.teacher_forcing_batches import makes, shifts, texts
from hidden.teacher_forcing_calls import (
    explained,
    no_more_calls,
    observed,
    one_call,
    otherwise,
    request,
    run_of,
    runs_of,
    token_by_token,
    without_graph,
)
from hidden.teacher_forcing_cases import (
    LONG,
    at_once,
    cell,
    close_call,
    ending,
    forced_cases,
    free_cases,
    going_on,
    long,
    never,
    spread,
    with_empty_row,
    with_pad_inside,
    with_pads_last,
)
from hidden.teacher_forcing_coins import TURNED, heads_or_tails, independent, many_calls
from hidden.teacher_forcing_decoding import (
    before_the_end,
    decoded,
    decoding_mistakes,
    ids_right,
    mixed_ids,
    mixed_right,
    unscheduled,
)
from hidden.teacher_forcing_judging import (
    coins_of,
    decodes,
    greedy,
    loss_is_right,
    loss_on_device,
    rows_right,
    runs_free,
    scale_of,
)
from hidden.teacher_forcing_losses import (
    Batch,
    batch,
    forced_mistakes,
    gradients_right,
    log_probs,
    mean_loss,
    right,
    untouched,
)
from hidden.teacher_forcing_models import Sketch, clear, machine, recurrent, settled

from grader.checks import correctness, gpu, speed
from grader.confined.values import Seeded
from grader.judge import close, dtype, exactly, expect, on, sequence, shape, stays_on_device, tensor
from grader.student import Raised
from grader.verdicts import Failed

INFERENCE = "made in inference mode: a model with an embedding can't learn from such ids"

# shift_right


@correctness("shift_right", points=0.5, hint="bos first, then all labels but the last, in a new tensor.")
def test_shift_right_values(student, device, fresh):
    for _ in range(2):
        B, T = fresh.sizes(2, 2, 7)
        labels, bos = fresh.integers(1, 50, B, T), fresh.integer(51, 60)
        shifts(student, labels, bos)
        shifts(student, labels, 0, bos_id=0)
    calls = [(fresh.integers(1, 50, B, T), bos) for _ in range(2)]
    first, _ = sequence(student.probe("call_many", student.task, calls), 2)
    wanted, again = (torch.cat([torch.full((B, 1), bos), labels[:, :-1]], 1) for labels, _ in calls)
    exactly(first, wanted, near={"a later call writes into the result of this one": again})
    value, _ = student.traced_probe("traced_call", student.task, device, labels, bos)
    exactly(on(value, device), torch.cat([torch.full((B, 1), bos), labels[:, :-1]], 1))


@correctness("shift_right", points=0.4, hint="Sizes 1, strided labels and every integer dtype are labels, too.")
def test_shift_right_edges(student, fresh):
    B, T = fresh.sizes(2, 3, 7)
    bos = fresh.integer(51, 60)
    for labels in (
        fresh.integers(0, 50, B, 1),
        fresh.integers(0, 50, 1, T),
        fresh.integers(0, 50, 1, 1),
        fresh.integers(0, 50, B, 2),
        fresh.integers(0, 50, T, B).t(),
        fresh.integers(0, 50, B, 2 * T)[:, ::2],
        torch.arange(B * T).view(B, T).flip(1).int(),  # all small ids, such as that of eos
        2**40 + fresh.integers(0, 50, B, T),
    ):
        shifts(student, labels, bos)
    begun = fresh.integers(0, 50, B, T)
    begun[0, 0] = begun[1, 1] = bos
    for some in (begun, torch.cat([torch.full((B, 1), bos), begun], 1)):
        shifts(student, some, bos)
    for first in (-100, 2**40 + 1):
        with otherwise("a bos that is negative or large is not kept as it is"):
            shifts(student, fresh.integers(0, 50, B, T), first)
    ignored = fresh.integers(0, 50, B, T)
    ignored[fresh.integers(0, 1, B, T) > 0] = fresh.choice([-100, -1])
    ignored[0, :2], ignored[1, -2:] = -100, -1
    with otherwise("labels with negative ids are not kept as they are"):
        shifts(student, ignored, bos)


# make_inputs_and_labels


@correctness(
    "make_inputs_and_labels", points=0.6, hint="inputs: bos and the text; labels: the text and eos; then pads."
)
def test_make_inputs_and_labels_values(student, fresh):
    for by_name in (False, True):
        bos, eos, pad = fresh.sizes(3, 1, 9)
        lengths = fresh.sizes(fresh.integer(3, 5), 1, 9)
        makes(student, texts(fresh, lengths), bos, eos, pad, by_name)
    makes(student, texts(fresh, [4, 2, 4]), bos, eos, pad=0)
    makes(student, texts(fresh, [3, 3]), bos, eos, pad)


@correctness("make_inputs_and_labels", points=0.6, hint="An empty text is bos in the inputs and eos in the labels.")
def test_make_inputs_and_labels_edges(student, fresh):
    bos, eos, pad = fresh.sizes(3, 1, 9)
    makes(student, texts(fresh, [fresh.integer(2, 5)]), bos, eos, pad)
    makes(student, texts(fresh, [3, 0, 1]), bos, eos, pad)
    makes(student, texts(fresh, [0, 2]), bos, eos, pad)
    makes(student, texts(fresh, [0, 0, 0]), bos, eos, pad)
    makes(student, texts(fresh, [0]), bos, eos, pad)
    makes(student, texts(fresh, [3, 0, 5]), pad, eos, pad)
    makes(student, texts(fresh, [3, 0, 5]), bos, eos, eos)
    kept = [[pad, 11, pad], [eos, 12, eos, 13, bos], [14, eos], [pad], [bos, bos]]
    for first in (bos, pad):
        with otherwise("ids of the text that equal bos, eos or pad are not kept"):
            makes(student, kept, first, eos, pad)
    makes(student, texts(fresh, [2, 4], 2**24 + 1, 2**40), bos, eos, pad)
    for special in ((0, eos, pad), (bos, 0, pad), (bos, eos, -100)):
        with otherwise("an id 0 is taken for none or for padding"):
            makes(student, [*texts(fresh, [2, 4]), [0, 11, 0]], *special)


# teacher_forced_loss and free_running_loss


@correctness("teacher_forced_loss", points=0.7, hint="cross_entropy with ignore_index=pad_id over all labels at once.")
def test_teacher_forced_loss_values(student, fresh):
    cases = forced_cases(fresh)
    for reply, (model, of) in zip(observed(student, runs_of(cases)), cases, strict=True):
        loss_is_right(reply, model, of, of.inputs, forced_mistakes)


@correctness("teacher_forced_loss", points=0.5, hint="logits, _ = model(inputs): one call, and keep the graph.")
def test_teacher_forced_loss_one_call_and_gradient(student, fresh):
    V = fresh.integer(5, 8)
    shapes = [fresh.sizes(2, 2, 5), fresh.sizes(2, 2, 5), [1, 4]]
    models = [machine(fresh, V), recurrent(fresh, cell(fresh), V), machine(fresh, V)]
    cases = [(model, batch(fresh, V, *size)) for model, size in zip(models, shapes, strict=True)]
    for reply, (model, of) in zip(observed(student, runs_of(cases, backward=True)), cases, strict=True):
        loss_is_right(reply, model, of, of.inputs, forced_mistakes)
        one_call(reply, of.inputs)
        weights = model.wide()
        gradients_right(reply["gradients"], mean_loss(model.logits(of.inputs, weights), of.labels, of.real), weights)


@gpu("teacher_forced_loss", points=0.3, hint="No .item(), no if on a tensor, no indexing by a mask: use ignore_index.")
def test_teacher_forced_loss_on_device(student, device, fresh):
    V = fresh.integer(6, 9)
    model, of = machine(fresh, V), batch(fresh, V, 4, 6)
    loss_on_device(student, device, model, of, of.inputs)


@speed("teacher_forced_loss", points=0.4, hint="No loop over steps or rows: one cross_entropy takes all labels.")
def test_teacher_forced_loss_speed(race, fresh):
    def unit():
        V = fresh.integer(28, 36)
        calls = []
        for _ in range(40):
            of = batch(fresh, V, fresh.integer(4, 6), fresh.integer(90, 110))
            calls.append(tuple(of.args))
        return "teacher_forced_loss", fresh.normal(V, V), calls

    def verify(value, reference):
        for own, other in zip(sequence(value, len(reference)), reference, strict=True):
            close(dtype(own, torch.float32), tensor(other).data.double(), ulps=64)

    race("many", unit, verify, limit=5.5)


@correctness("free_running_loss", points=0.7, hint="Feed inputs[:, :1], then logits.argmax(-1) with the state.")
def test_free_running_loss_values(student, fresh):
    cases = free_cases(fresh)
    for reply, (model, of) in zip(observed(student, runs_of(cases)), cases, strict=True):
        runs_free(reply, model, of)


@correctness("free_running_loss", points=0.5, hint="One new token a call, and the state that the last call returned.")
def test_free_running_loss_what_is_fed_and_gradient(student, fresh):
    V = fresh.integer(5, 8)
    cases = [(machine(fresh, V), batch(fresh, V, *size)) for size in (fresh.sizes(2, 3, 6), [1, 4], [3, 1])]
    of = batch(fresh, V, *fresh.sizes(2, 3, 5))
    cases.append((settled(fresh, cell(fresh), V, of.inputs[:, :1], of.inputs.size(1)), of))
    for reply, (model, of) in zip(observed(student, runs_of(cases, backward=True)), cases, strict=True):
        fed = runs_free(reply, model, of)
        weights = model.wide()
        gradients_right(reply["gradients"], mean_loss(model.logits(fed, weights), of.labels, of.real), weights)
        token_by_token(reply, fed, 1, of.real)
        no_more_calls(reply, of.inputs.size(1), "steps")


@gpu("free_running_loss", points=0.3, hint="argmax stays on the device: hand its result on as it is.")
def test_free_running_loss_on_device(student, device, fresh):
    V = fresh.integer(6, 9)
    model, of = machine(fresh, V), batch(fresh, V, 4, 7)
    loss_on_device(student, device, model, of, model.free(of.inputs[:, :1], 7))


# scheduled_inputs


@correctness("scheduled_inputs", points=0.6, hint="Column after column: the choice follows the mixed prefix, not gold.")
def test_scheduled_inputs_values(student, device, fresh):
    V = fresh.integer(6, 9)
    B, T = fresh.sizes(2, 4, 7)
    ratio = fresh.number(0.3, 0.7)
    sizes = [((B, T), (0.0, 1.0, 0, 1, ratio)), ((1, T), (0.0, ratio)), ((B, 1), (0.0, ratio)), ((B, 2), (0.0, 1.0))]
    cases = [(machine(fresh, V), fresh.integers(0, V - 1, *size), ratio) for size, ratios in sizes for ratio in ratios]
    inputs = fresh.integers(0, V - 1, B, T)
    cases += [
        (settled(fresh, cell(fresh), V, inputs[:, :1], T), inputs, ratio) for ratio in (0.0, fresh.number(0.3, 0.7))
    ]
    cases.append((machine(fresh, V), spread(fresh.integers(0, V - 1, B, T)), fresh.number(0.3, 0.7)))
    cases.append((close_call(fresh, 40), fresh.integers(0, 39, 12, 9), 0.3))
    cases[2] = machine(fresh, V, brief=True), *cases[2][1:]
    runs = [run_of(model, ids, kwargs={"ratio": ratio}) for model, ids, ratio in cases]
    for reply, (model, inputs, ratio) in zip(observed(student, runs), cases, strict=True):
        near = partial(unscheduled, model, inputs)
        if ratio == 0:
            own = model.free(inputs[:, :1], inputs.size(1))
            with explained(model, reply, own, 1, torch.ones_like(inputs) > 0):
                ids_right(reply["value"], own, near)
        if ratio == 1:
            own = model.free(inputs[:, :1], inputs.size(1))
            swapped = {TURNED: own}
            ids_right(reply["value"], inputs, lambda swapped=swapped: swapped)
        mixed_right(model, reply["value"], inputs)
        untouched(reply, [inputs])
        without_graph(reply)
        expect(reply["inference"] is False, "the result is an inference tensor", INFERENCE)
    model, inputs, ratio = cases[0]
    reply = student.outcome("on_device", student.task, request(run_of(model, inputs, ratio)), device)
    if not (isinstance(reply, Raised) and "same device" in reply.message):  # coins may be thrown on the CPU
        value, _ = sequence(reply, 2)
        mixed_right(model, on(value, device), inputs)


@correctness("scheduled_inputs", points=0.5, hint="torch.rand(inputs.shape) < ratio throws a coin for each id.")
def test_scheduled_inputs_coins_are_independent(student, fresh):
    V = 40
    inputs = [fresh.integers(0, V - 1, rows, 51) for rows in (48, 60)]
    ratios, model = [0.5, fresh.number(0.302, 0.308)], machine(fresh, V)  # far from tenths and quarters that are above
    small = fresh.integers(0, V - 1, 120, 16)
    calls = [*zip(inputs, ratios, strict=True), *((ids, 0.5) for ids in small.split(2))]
    replies = sequence(student.probe("values", student.task, model.request, calls), len(calls))
    for value, (ids, ratio) in zip(replies[:2], calls, strict=False):
        mixed = mixed_right(model, value, ids)
        independent(*heads_or_tails(mixed, ids, model.best(mixed)), ratio)
    rows = [dtype(shape(value, (2, 16)), torch.int64).data for value in replies[2:]]
    mixed = mixed_ids(model, torch.cat(rows), small)
    heads, known = heads_or_tails(mixed, small, model.best(mixed))
    many_calls(heads.split(2), known.split(2))


@correctness("scheduled_inputs", points=0.3, hint="Every coin comes from generator; None means torch's global one.")
def test_scheduled_inputs_generator(student, fresh):
    V = 30
    model, inputs, seed = machine(fresh, V), fresh.integers(0, V - 1, 48, 49), fresh.seed()
    generators = [Seeded(seed), Seeded(seed), Seeded(fresh.seed())]
    seeds = [fresh.seed(), fresh.seed()]
    reply = student.probe(
        "with_generators", student.task, request(run_of(model, inputs, 0.5)), generators, [seeds[0], seeds[1], seeds[0]]
    )
    kept = "draws from the global generator, though another is given"
    expect(reply["kept"] is True, "torch's global generator moved though a generator was given", kept)
    pairs = [*sequence(reply["drawn"], 3), *sequence(reply["alone"], 3)]
    drawn = [[coins_of(model, value, inputs) for value in sequence(pair, 2)] for pair in pairs]
    (one, later), (again, _), (other, _) = drawn[:3]
    expect(torch.equal(one, again), "equal generators give different coins", "the generator is not used")
    stuck = "the generator's seed starts the same coins in each call"
    expect(not torch.equal(one, later), "two calls with one generator give the same coins", stuck)
    expect(not torch.equal(one, other), "generators with different seeds give the same coins", stuck)
    (first, second), (different, _), (same, _) = drawn[3:]
    foreign = "without a generator the coins don't come from torch's global one"
    expect(torch.equal(first, same), "equal seeds of torch.manual_seed give different coins", foreign)
    stuck = "without a generator every call throws the same coins"
    expect(not torch.equal(first, second), "two calls without a generator give the same coins", stuck)
    expect(not torch.equal(first, different), "different seeds of torch.manual_seed give the same coins", stuck)


@correctness("scheduled_inputs", points=0.2, hint="not 0 <= ratio <= 1 holds for NaN, too.")
def test_scheduled_inputs_refuses_what_is_no_probability(student, fresh):
    V = fresh.integer(6, 9)
    model, inputs = machine(fresh, V), fresh.integers(0, V - 1, 3, 5)
    (reply,) = observed(student, [run_of(model, inputs, 1.0)])
    ids_right(reply["value"], inputs, lambda: {TURNED: model.free(inputs[:, :1], inputs.size(1))})
    names = ("ratio",)
    bad = [-fresh.number(0.1, 2), 1 + fresh.number(0.1, 2), -1e-6, 1 + 1e-6, math.inf, -math.inf, math.nan]
    small = [(ids, fresh.choice(bad[:2])) for ids in (inputs[:1], inputs[:, :1], inputs[:1, :1])]
    for ids, ratio in [*((inputs, ratio) for ratio in bad), *small]:
        run = run_of(model, ids, ratio)
        try:
            student.probe_refuses("all_observed", student.task, [request(run)], naming=names, error="ValueError")
        except Failed as failed:
            unknown = "NaN is taken for a probability" if math.isnan(ratio) else None
            raise Failed(failed.message, unknown or failed.diagnosis or "bad input raises in another way") from None


# greedy_decode


@correctness("greedy_decode", points=0.5, hint="Append logits[:, -1].argmax(-1) until all rows have written eos.")
def test_greedy_decode_values(student, fresh):
    B, T0 = fresh.sizes(2, 2, 5)
    model, prompt, *others = never(fresh, brief=True)
    again = (model, fresh.integers(0, model.tokens - 1, *prompt.shape), *others)
    cases = [(model, prompt, *others), again, ending(fresh, B, T0, inside=True), ending(fresh, B + 2, 1)]
    cases += [ending(fresh, 1, T0), ending(fresh, B, T0, early=False), ending(fresh, B, T0, pad_is_eos=True)]
    cases.append(going_on(fresh, *fresh.sizes(2, 2, 4)))
    first, second, *rest = zip(greedy(student, fresh, cases), cases, strict=True)
    decodes(first[0], *first[1])
    values = [tensor(reply["value"]).data.tolist() for reply, _ in (first, second)]
    with otherwise(
        "the ids of an earlier call come back, which had another prompt" if values[0] == values[1] else None
    ):
        decodes(second[0], *second[1])
    for reply, case in rest:
        decodes(reply, *case)


@correctness("greedy_decode", points=0.4, hint="Keep the eos, put pads behind it; one in the prompt ends nothing.")
def test_greedy_decode_ends(student, fresh):
    falsy = (0, fresh.integer(1, 3)), (fresh.integer(1, 3), 0)
    cases = [ending(fresh, 4, 3, inside=True, special=special) for special in falsy]
    cases += [with_pad_inside(fresh), at_once(fresh)]
    cases.append(with_pads_last(fresh))
    model, prompt, _, eos, pad = never(fresh, inside=True)  # in every row, so that whoever counts it stops at once
    cases += [(model, prompt, new, eos, pad) for new in (0, 1, 3)]
    model, prompt, new, eos, pad = ending(fresh, 4, 3)
    cases += [(model, spread(prompt), new, eos, pad), (model, prompt, new, 10**6, pad), (model, prompt, 1, eos, pad)]
    for reply, case in zip(greedy(student, fresh, cases), cases, strict=True):
        decodes(reply, *case)


@correctness("greedy_decode", points=0.4, hint="The first call gets the prompt, each later one a token and the state.")
def test_greedy_decode_calls_of_the_model(student, fresh):
    B, T0 = fresh.sizes(2, 2, 5)
    model, prompt, new, *others = never(fresh)
    cases = [(model, prompt, new, *others), (model, prompt, 0, *others), long(fresh)]
    cases += [ending(fresh, B, T0, inside=True), ending(fresh, B, 1), ending(fresh, 1, T0, early=False)]
    cases.append(going_on(fresh, 3, 4))
    for reply, case in zip(greedy(student, fresh, cases), cases, strict=True):
        _, prompt, _, eos, _ = case
        with otherwise("a long prompt or a long text is cut" if prompt.size(1) == LONG else None):
            free = decodes(reply, *case)
        without_graph(reply)
        token_by_token(reply, free, prompt.size(1), before_the_end(free, prompt, eos))
        no_more_calls(reply, tensor(reply["value"]).shape[1] - prompt.size(1), "new tokens")


@gpu("greedy_decode", points=0.3, hint="Read back one yes-or-no a token, as ended.all() in an if, and nothing else.")
def test_greedy_decode_on_device(student, device, fresh):
    for model, prompt, new, eos, pad in (ending(fresh, 5, 3, inside=True), never(fresh)):
        run = run_of(model, prompt, new, eos, pad)
        value, trace = student.traced_probe("on_device", student.task, request(run), device)
        on(value, device)
        free = model.free(prompt, prompt.size(1) + new)
        expected = decoded(free, prompt, eos, pad)
        ids_right(value, expected, partial(decoding_mistakes, model, free, prompt, eos, pad))
        allowed = expected.size(1) - prompt.size(1) + 1  # `while not ended.all()` asks once more
        stays_on_device(trace, to_device=allowed + 2, to_host=allowed, readbacks=allowed, scalars=allowed + 8)
        asked = trace["to_host"] + trace["readbacks"]
        many = "more than one value is read back for each new token"
        expect(asked <= allowed, f"{asked} values read back for {allowed - 1} new tokens", many)


@speed("greedy_decode", points=0.4, hint="No loop over rows: argmax, masked_fill and == take all rows at once.")
def test_greedy_decode_speed(race, fresh):
    def unit():
        V = fresh.integer(20, 30)
        table = clear(fresh.normal(V, V))
        calls = []
        for _ in range(12):
            prompt = fresh.integers(0, V - 1, fresh.integer(36, 44), fresh.integer(1, 3))
            calls.append((prompt, fresh.integer(14, 18), *fresh.python.sample(range(V), 2)))
        return "greedy_decode", table, calls

    def verify(value, reference):
        for own, other in zip(sequence(value, len(reference)), reference, strict=True):
            exactly(own, tensor(other).data)

    race("many", unit, verify, limit=5.3)


# sequence_log_prob


@correctness("sequence_log_prob", points=0.5, hint="gather the labels' log_softmax, fill pads with 0, sum over dim 1.")
def test_sequence_log_prob_values(student, device, fresh):
    V = fresh.integer(6, 9)
    B, T = fresh.sizes(2, 3, 6)
    cases = forced_cases(fresh)
    cases += [(machine(fresh, V), batch(fresh, V, B, T)), (machine(fresh, V), batch(fresh, V, B, B))]
    cases.append((machine(fresh, V, dtype=torch.float16), batch(fresh, V, B, T)))
    rows_right(student, fresh, cases)
    model, of = cases[0]
    value, _ = student.traced_probe("on_device", student.task, request(run_of(model, *of.args)), device)
    expected = log_probs(model.logits(of.inputs), of)
    right(on(value, device), expected, torch.float32, scale_of(model, of.inputs) * T, dict, "the log-probability")


@correctness("sequence_log_prob", points=0.4, hint="0 times -inf is NaN: masked_fill or where, not a product.")
def test_sequence_log_prob_padding_without_a_chance(student, fresh):
    V = fresh.integer(6, 9)
    cases = []
    for B, T in (fresh.sizes(2, 3, 6), fresh.sizes(2, 3, 6), [1, 4], [3, 1]):
        of = with_empty_row(fresh, batch(fresh, V, B, T))
        model = machine(fresh, V)
        table = model.weights["table"].clone()
        table[:, of.pad] = -math.inf
        cases.append((Sketch("machine", model.sizes, {"table": table}), of))
    of = cases[0][1]
    blank = Batch(of.inputs, torch.full_like(of.labels, of.pad), of.pad)
    rows_right(student, fresh, [*cases, (cases[0][0], blank)])
