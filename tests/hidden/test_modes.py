"""Judgements about modes: what layers compute in each, and how functions leave the models that they are given."""

from functools import partial

import torch
from hidden.modes_dropout import (
    distinct_from_zero,
    drawn_anew_each,
    how,
    identity,
    independent,
    mask_of,
    masks_of_calls,
    passes,
    share_is_right,
    untouched,
)
from hidden.modes_models import (
    FORGOTTEN,
    dropout,
    frozen_rightly,
    layer,
    left_alone,
    linear,
    modes_restored,
    names_of,
    no_graphs,
    norm,
    output_of,
    planned,
    trees,
    wanted_flags,
    zoo_of,
)
from hidden.modes_norms import (
    ONE_ROW,
    ULPS,
    Right,
    drawn_batch,
    drawn_state,
    followed,
    follows,
    not_averaged,
    output_mistakes,
    registers,
    rewritten,
    right,
    step,
)
from hidden.modes_passes import (
    batches_of,
    broken_ways,
    evaluated,
    mean_and_std,
    nested_blocks,
    predicted,
    refused,
    requires_as,
    sampled,
    vary,
)
from probes.modes_plans import prepared

from grader.checks import correctness, gpu, speed
from grader.judge import close, dtype, exactly, expect, on, sequence, shape, stays_on_device, tensor
from grader.student import Raised
from grader.verdicts import Failed

# Dropout


@correctness("Dropout", points=0.6, hint="An independent draw for each entry in each call; what stays is x / (1 - p).")
def test_dropout_masks_and_scales_in_training(student, fresh):
    low, high = fresh.number(0.15, 0.35), fresh.number(0.6, 0.85)
    for p, args, kwargs in [(low, [low], {}), (high, [], {"p": high}), (0.5, [], {})]:
        x, spread = distinct_from_zero(fresh.normal(12, 15, 18)), fresh.normal(1, 40).abs().add(1).expand(30, 40)
        others = [fresh.normal(40, 30).t(), fresh.normal(20, 30, dtype=torch.float64)]
        others += [fresh.normal(30, 20).half(), fresh.normal(20, 30).bfloat16()]
        others += [fresh.normal(50, 1), fresh.normal(1, 50), fresh.normal(0, 3), fresh.normal(), fresh.normal(1)]
        kept = masks_of_calls(student, p, args, kwargs, [x, x, *map(distinct_from_zero, others), spread])
        share_is_right(torch.stack(kept[:2]), p)
        independent(torch.stack(kept[:2]), p)
        for mask in kept[2:6]:
            share_is_right(mask, p)
        for mask in kept[2:4]:
            independent(mask[None], p)
    cases = [((4,), 0.5, 400), ((), low, 400), ((1, 1), high, 400), ((8, 9), fresh.number(0.4, 0.6), 30)]
    cases = [(p, distinct_from_zero(fresh.normal(*size)), times) for size, p, times in cases]
    replies = sequence(student.probe("dropped_often", cases), len(cases))
    for (p, x, _), outputs in zip(cases, replies, strict=True):
        drawn_anew_each(outputs, x, p)


@correctness("Dropout", points=0.4, hint="forward looks at self.training, which the model around it sets, too.")
def test_dropout_follows_training(student, fresh):
    modes = ["as built", "outer eval", "outer train", "flag off", "flag on", "eval", "train", "outer eval"]
    for p in (fresh.number(0.3, 0.7), 0.0):
        inputs = [fresh.normal(9, 20), fresh.normal(1, 200), fresh.normal(200, dtype=torch.float64)]
        inputs = [distinct_from_zero(x) for x in inputs]
        calls = [
            (mode, number % 3 == 0, x)
            for number, mode in enumerate(modes)
            for x in [*inputs, fresh.normal(0), fresh.normal()]
        ]
        replies = sequence(student.probe("dropped", [p], {}, calls)["calls"], len(calls))
        for (mode, grad, x), reply in zip(calls, replies, strict=True):
            output, after = sequence(reply, 2)
            untouched(after, x)
            if p and mode in ("as built", "outer train", "flag on", "train"):
                if x.numel() > 1:
                    share_is_right(mask_of(output, x, p, *how(grad)), p, "" if grad else " under torch.no_grad()")
            else:
                identity(output, x, p, "in training with p = 0" if p == 0 else "in eval mode")


@correctness("Dropout", points=0.4, hint="Multiply x by a mask that is a constant: autograd then does the same.")
def test_dropout_gradient_has_the_same_mask(student, fresh):
    for p in (fresh.number(0.2, 0.4), fresh.number(0.6, 0.8), 0.0):
        shapes = [(30, 20), (1, 300), (300, 1), (0, 2)]
        calls = [
            (training, *(distinct_from_zero(fresh.normal(*size, dtype=of)) for _ in range(2)))
            for training in (True, False)
            for size, of in [*((size, torch.float32) for size in shapes), ((20, 20), torch.float64)]
        ]
        replies = sequence(student.probe("dropped_backward", p, calls), len(calls))
        for (training, x, cotangent), reply in zip(calls, replies, strict=True):
            output, gradient = sequence(reply, 2)
            if not training:
                identity(output, x, p, "in eval mode")
            kept = mask_of(output, x, p) if training else torch.ones(x.shape, dtype=torch.bool)
            if x.numel():
                share_is_right(kept, p if training else 0.0)
            passes(gradient, kept, cotangent, p if training else 0.0)


@correctness("Dropout", points=0.2, hint="Accept 0 <= p < 1 and nothing else; NaN fails every comparison.")
def test_dropout_refuses_other_p(student, fresh):
    x = distinct_from_zero(fresh.normal(60, 50))
    layouts = [x, x.view(1, -1), x.view(-1, 1)]
    for p, inputs in [(0.0, layouts), (0.97, layouts), (0.002, [x.repeat(20, 1, 1)])]:
        calls = [("train", True, entries) for entries in inputs]
        replies = sequence(student.probe("dropped", [p], {}, calls)["calls"], len(calls))
        for (_, _, entries), reply in zip(calls, replies, strict=True):
            share_is_right(mask_of(sequence(reply, 2)[0], entries, p), p)
    wrong = [1.0, 1, 1 + fresh.number(0.01, 5), -fresh.number(0.01, 5), -1e-6, float("nan"), float("inf")]
    for p in wrong:
        refused(student, ("p", "prob", "rate"), "call", "Dropout", p)
    refused(student, ("p", "prob", "rate"), "call", "Dropout", p=fresh.choice(wrong))


@gpu("Dropout", points=0.3, hint="Draw the mask where x is: empty_like(x).bernoulli_(…), rand_like(x).")
def test_dropout_on_device(student, device, fresh):
    p, x = fresh.number(0.2, 0.4), distinct_from_zero(fresh.normal(60, 60))
    modes = ["train", "train", "eval"]
    outputs, trace = student.traced_probe("dropped_on_device", p, modes, x, device)
    first, second, quiet = (on(output, device) for output in sequence(outputs, 3))
    kept = torch.stack([mask_of(first, x, p), mask_of(second, x, p)])
    share_is_right(kept, p)
    independent(kept, p)
    identity(quiet, x, p, "in eval mode")
    stays_on_device(trace)


# BatchNorm1d


@correctness("BatchNorm1d", points=0.6, hint="Two Parameters, three buffers (one counts), under the names of torch's.")
def test_batch_norm_1d_has_the_state_of_torchs_layer(student, fresh):
    for D, named in [(fresh.integer(2, 9), True), (1, False), (fresh.integer(10, 20), False)]:
        args, kwargs = ([], {"num_features": D}) if named else ([D], {})
        seen = student.probe("registered", args, kwargs)
        registers(seen, D)
        eps, momentum = fresh.number(0.05, 0.4), fresh.number(0.2, 0.45)
        state, more = drawn_state(fresh, D), {"eps": eps, "momentum": momentum}
        args, kwargs = ([], {"num_features": D, **more}) if named else ([D, eps, momentum], {})
        steps = [step("eval", drawn_batch(fresh, 4, D)), step("train", drawn_batch(fresh, 5, D))]
        follows(student.probe("normalized", args, kwargs, state, steps), state, steps, eps, momentum)


@correctness("BatchNorm1d", points=0.6, hint="1/B in the batch's variance, 1/(B - 1) in running_var; eps in the root.")
def test_batch_norm_1d_training(student, fresh):
    D = fresh.integer(4, 8)
    for width, B, eps, momentum in [
        (D, fresh.integer(9, 12), fresh.number(0.1, 0.4), fresh.number(0.2, 0.4)),
        (1, 3, fresh.number(0.1, 0.4), fresh.number(0.6, 0.9)),
        (D, 2, 0.01, 1.0),
        (D, D, 0.5, 0.0),
    ]:
        state = drawn_state(fresh, width)
        batches = [drawn_batch(fresh, B, width), drawn_batch(fresh, B + 1, width), drawn_batch(fresh, width, B).t()]
        batches += [drawn_batch(fresh, 7, 1).expand(7, width), drawn_batch(fresh, 4, 2 * width)[:, ::2]]
        steps = [step("train", x, grad=k != 1, frozen=k in (2, 3)) for k, x in enumerate(batches)]
        followed(student, width, state, steps, eps, momentum)
    state = drawn_state(fresh, D)
    followed(student, D, state, [step("as built", drawn_batch(fresh, B, D, torch.float64)) for B in (3, 5)], 0.2, 0.4)
    # A feature without spread: with 8 whole numbers its mean is exact however it is added up, as sums or by weights.
    # The state is a new layer's, whose first batch is averaged like any other.
    state, x = drawn_state(fresh, D, new=True), drawn_batch(fresh, 8, D)
    x[:, 0], x[:, 1] = fresh.integer(-5, 5), fresh.normal(8) * 3e-3
    follows(student.probe("normalized", [D], {}, state, [step("train", x)]), state, [step("train", x)], 1e-5, 0.1)


@correctness("BatchNorm1d", points=0.4, hint="In eval mode the running averages are used, and stay as they are.")
def test_batch_norm_1d_eval(student, fresh):
    quiet = ["eval", "outer eval", "flag off"]
    for D, mode in [*((fresh.integer(2, 6), mode) for mode in quiet), (1, fresh.choice(quiet))]:
        eps, momentum, state = fresh.number(0.1, 0.4), fresh.number(0.2, 0.4), drawn_state(fresh, D)
        steps = [step(mode, drawn_batch(fresh, B, D), grad=B > 1) for B in (fresh.integer(7, 9), 1, 0)]
        steps += [step("outer train", drawn_batch(fresh, 5, D)), step(mode, drawn_batch(fresh, 3, D), grad=False)]
        steps += [step("flag on", drawn_batch(fresh, 4, D)), step(mode, drawn_batch(fresh, 2, D), frozen=True)]
        steps += [step(mode, drawn_batch(fresh, B, D), fresh.normal(B, D)) for B in (4, 1)]
        followed(student, D, state, [*steps, *rewritten(fresh, D)], eps, momentum)


@correctness("BatchNorm1d", points=0.4, hint="Only the running averages are kept out of the graph.")
def test_batch_norm_1d_gradients(student, fresh):
    for D, B in [fresh.sizes(2, 3, 8), (1, 4), (3, 2)]:
        eps, state = fresh.number(0.1, 0.4), drawn_state(fresh, D)
        steps = [step("train", drawn_batch(fresh, rows, D), fresh.normal(rows, D)) for rows in (B, B + 2)]
        followed(student, D, state, steps, eps, 0.3)
        for one in steps:
            one["x"][:, 0] = fresh.integer(-5, 5)  # without spread, which has a gradient all the same
        followed(student, D, state, steps, eps, 0.3)
        steps = [step("eval", drawn_batch(fresh, B, D, torch.float64), fresh.normal(B, D, dtype=torch.float64))]
        followed(student, D, state, steps, eps, 0.3)


@correctness("BatchNorm1d", points=0.2, hint="One row has no variance: raise before anything is computed.")
def test_batch_norm_1d_refuses_one_row_in_training(student, fresh):
    for D in (fresh.integer(2, 6), 1):
        state = drawn_state(fresh, D)
        kwargs = {"num_features": D, "eps": 0.2, "momentum": 0.3}
        alone = [step("eval", drawn_batch(fresh, 1, D))]
        outcome = student.outcome("normalized", [], kwargs, state, alone)
        if isinstance(outcome, Raised) and "ValueError" in outcome.bases:
            raise Failed("one row in eval mode is refused", "one row is refused in eval mode, too, where it is fine")
        fine = [step("eval", drawn_batch(fresh, 1, D)), step("train", drawn_batch(fresh, 2, D))]
        followed(student, D, state, fine, 0.2, 0.3)
        for mode in ("train", "as built", "outer train"):
            steps = [step(mode, drawn_batch(fresh, 1, D))]
            refused(student, ONE_ROW, "normalized", [], kwargs, state, steps)
        not_averaged(student, kwargs, state, drawn_batch(fresh, 1, D))


@gpu("BatchNorm1d", points=0.3, hint="Buffers and Parameters move with the model; nothing is built or read in forward.")
def test_batch_norm_1d_on_device(student, device, fresh):
    D, eps, momentum = fresh.integer(4, 8), fresh.number(0.1, 0.4), fresh.number(0.2, 0.4)
    kwargs, state = {"num_features": D, "eps": eps, "momentum": momentum}, drawn_state(fresh, D)
    steps = [("train", drawn_batch(fresh, 9, D)), ("eval", drawn_batch(fresh, 3, D))]
    value, trace = student.traced_probe("normalized_on_device", kwargs, state, steps, device)
    outputs, buffers = sequence(value, 2)
    oracle = Right(state, eps, momentum)
    for (mode, x), output in zip(steps, sequence(outputs, 2), strict=True):
        before = {name: value.clone() for name, value in oracle.state_dict().items()}
        expected = oracle.train(mode == "train")(x.double()).detach()
        near = partial(output_mistakes, before, x, eps, momentum, mode == "train")
        right(on(output, device), expected, torch.float32, near, f"the output in {mode} mode")
    for name in ("running_mean", "running_var"):
        right(on(buffers.get(name), device, name), oracle.state_dict()[name], torch.float32, dict, name)
    stays_on_device(trace)


@speed("BatchNorm1d", points=0.5, hint="No Python loop: mean and var along dim 0 do all features at once.")
def test_batch_norm_1d_speed(race, fresh):
    def unit():
        shapes = [(40, 300), (1000, 16)]  # a loop over features is slow in the one, a loop over rows in the other
        return ([fresh.normal(16, B + fresh.integer(0, 9), D + fresh.integer(0, 4)) + 1 for B, D in shapes],)

    def verify(value, reference):
        for own, other in zip(sequence(value), reference, strict=True):
            for seen, expected in zip(sequence(own, 3), other, strict=True):
                close(dtype(seen, torch.float32), tensor(expected).data.double(), ulps=ULPS)

    race("normalized_many", unit, verify, limit=7.0)


# evaluation_mode


@correctness("evaluation_mode", points=0.7, hint="Keep the flag of each of model.modules(), and set them one by one.")
def test_evaluation_mode_sets_and_restores_every_flag(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    for number, plan in enumerate(trees(fresh, d, h)):
        reply = evaluated(student, plan, fresh.normal(2, d), grad=number % 2 == 0)
        modes_restored(reply["after"], plan)
        requires_as(reply, plan)
    plan = next(trees(fresh, d, h))
    reply = evaluated(student, plan, fresh.normal(2, d), disturb=[not mode for mode in plan["modes"]])
    modes_restored(reply["after"], plan, "after a block that changed them")


@correctness(
    "evaluation_mode", points=0.6, hint="try: yield … finally: put back; the exception then goes on by itself."
)
def test_evaluation_mode_after_exceptions_and_nested(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    for number, plan in enumerate(trees(fresh, d, h, every=False)):
        error = "base exception" if number % 2 else "exception"
        reply = evaluated(student, plan, fresh.normal(3, d), error=error)
        swallowed = "the exception is swallowed: __exit__ returns something true, or it is caught and not raised again"
        expect(reply["caught"] is True, "an exception in the block does not come out of it", swallowed)
        modes_restored(reply["after"], plan, f"after a{'n' * (1 - number % 2)} {error}", not any(reply["after"]))
        if number % 2:
            nested_blocks(student, plan, fresh.normal(3, d), fresh.choice(names_of(plan)), grad=number % 4 == 1)
    deep = next(trees(fresh, d, h))
    for nested, error in (("", "base exception"), (names_of(deep)[2], "exception")):
        nested_blocks(student, deep, fresh.normal(3, d), nested)
        nested_blocks(student, deep, fresh.normal(3, d), nested, error=error)


# predict


@correctness("predict", points=0.6, hint="model.eval(), no_grad(), one call for each batch, and torch.cat at the end.")
def test_predict_outputs(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    mix = ["chain", [["layer", "Centered", []], linear(d, h), ["layer", "Witness", []], norm(h), dropout()]]
    plain = ["chain", [linear(d, h), ["layer", "Witness", []], dropout()]]
    flat = ["chain", [linear(d, 1), dropout(), ["layer", "Witness", []], ["layer", "Flatten", [0]]]]
    double = ["chain", [layer("Flatten"), ["layer", "Witness", []], dropout()]]  # has no parameters
    sizes = [fresh.integer(2, 5) for _ in range(fresh.integer(3, 5))]
    modes = [True, *fresh.python.sample([None, True, False] * 3, 7)]  # the first has no batch norm, which may raise
    for description, batches, form, script in [
        (double, [fresh.normal(B, 2, d, dtype=torch.float64) for B in (3, 1)], "list", {}),
        (mix, batches_of(fresh, d, [*sizes, 1, 3]), "generator", {}),
        (mix, batches_of(fresh, d, [4, *sizes]), "list", {"keywords": True}),
        (mix, batches_of(fresh, d, [3]), "loader", {}),
        (plain, batches_of(fresh, d, [2, 0, 5, 1]), "tuple", {"grad": False}),
        (plain, batches_of(fresh, d, [3, 1, *sizes], 2), "loader", {"leaf": True}),
        (flat, batches_of(fresh, d, [2, 5, 1, 4]), "generator", {"leaf": True}),
        (flat, batches_of(fresh, d, [1]), "list", {}),
    ]:
        plan = planned(fresh, description, modes.pop(0))
        reply = predicted(student, plan, batches, form, **script)
        outputs = [output_of(plan, batch) for batch in batches]
        result, expected = reply["result"], torch.cat(outputs)
        near = {
            "only the last batch's outputs are returned": outputs[-1],
            "the order is another": torch.cat(outputs[::-1]),
        }
        if isinstance(result, list):
            raise Failed("the result is a list, not a tensor", "the outputs are not concatenated")
        if len({output.shape for output in outputs}) == 1:
            near["the outputs are stacked, not concatenated"] = torch.stack(outputs)
        shape(result, tuple(expected.shape), near=near)
        dtype(result, batches[0].dtype, "the result", {"the outputs are made float32": torch.float32})
        right(result, expected, batches[0].dtype, lambda near=near: near, "the result")
        no_graphs(reply, [result])


@correctness("predict", points=0.5, hint="Each submodule's own flag, and the grad mode, also after an exception.")
def test_predict_leaves_everything_as_it_was(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    for plan in trees(fresh, d, h, every=False):
        batches, grad = batches_of(fresh, d, [2, 3]), fresh.choice([True, False])
        reply = predicted(student, plan, batches, "generator", grad=grad, leaf=fresh.choice([True, False]))
        right(reply["result"], torch.cat([output_of(plan, x) for x in batches]), torch.float32, dict, "the result")
        left_alone(reply, plan, grad)
    for form, grad, *traps in broken_ways(fresh):
        plan = planned(fresh, ["chain", [linear(d, h), dropout(), ["frozen", [norm(h)]], *traps]], frozen=True)
        reply = student.probe("predicted", plan, batches_of(fresh, d, [2, 3, 4]), form, grad=grad)
        expect(reply["caught"] is True, "an exception of the model or the iterable does not come out")
        left_alone(reply, plan, grad, broken=True)


@gpu("predict", points=0.3, hint="What the model returns stays where it is: no .cpu(), no .numpy(), no .tolist().")
def test_predict_on_device(student, device, fresh):
    d, h = fresh.sizes(2, 3, 6)
    plan = planned(fresh, ["chain", [linear(d, h), norm(h), dropout()]], True)
    batches = batches_of(fresh, d, [3, 1, 4])
    result, trace = student.traced_probe("predicted_on_device", plan, batches, device)
    right(on(result, device), torch.cat([output_of(plan, x) for x in batches]), torch.float32, dict, "the result")
    expect(not result.requires_grad, "the result requires a gradient", "the result has a graph")
    stays_on_device(trace)


@speed("predict", points=0.5, hint="Collect the outputs in a list and concatenate once: each value is copied once.")
def test_predict_speed(race, fresh):
    def unit():
        size, d = fresh.integer(390, 410), fresh.integer(2, 4)
        state = {"weight": fresh.normal(size, d), "bias": fresh.normal(size)}
        return size, state, fresh.normal(fresh.integer(2380, 2400), 1, d)

    def verify(value, reference):
        close(dtype(value, torch.float32), tensor(reference).data.double(), ulps=ULPS)

    race("predicted_many", unit, verify, limit=3.4)


# freeze_batchnorm


@correctness(
    "freeze_batchnorm", points=0.5, hint="isinstance tells batch norms from other layers; modules() finds all."
)
def test_freeze_batchnorm_finds_and_freezes_the_right_layers(student, fresh):
    d = fresh.integer(2, 6)
    zoo = zoo_of(fresh, d)
    single = [
        layer(fresh.choice(["BatchNorm1d", "BatchNorm2d", "SyncBatchNorm"]), d),
        layer("BatchNorm3d", d, affine=False),
    ]
    for description in (zoo, ["chain", [linear(d, d), norm(d)]], *single, linear(d, d), layer("LayerNorm", d)):
        for modes in (True, None, False) if description is zoo else (True, None):
            plan = planned(fresh, description, modes, modes is None)
            again = modes is not None and description is zoo
            frozen_rightly(student.probe("frozen", plan, None, again), plan, counts=1 + again)
    own = ["chain", [["own", "BatchNorm1d", [d]], ["chain", [["again", 0], norm(d), ["own", "BatchNorm1d", [d + 1]]]]]]
    for description in (own, own[1][0], ["chain", [["heir", "BatchNorm1d", [d]]]]):
        plan = planned(fresh, description, True, state=False)
        reply = student.probe("frozen_own", plan)
        if reply is not None:
            frozen_rightly(reply, plan, near={FORGOTTEN: None})


@correctness("freeze_batchnorm", points=0.4, hint="eval() on the layers, requires_grad_(False) on their parameters.")
def test_freeze_batchnorm_keeps_running_averages(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    bare = [layer("BatchNorm1d", h, affine=False) for _ in range(2)]
    description = ["chain", [linear(d, h), norm(h), ["chain", [*bare, layer("LayerNorm", h), norm(h)]], linear(h, d)]]
    for modes in (True, None):
        plan, x = planned(fresh, description, modes), fresh.normal(5, d)
        reply = student.probe("frozen", plan, x)
        model = prepared(plan)
        for name, value in model.state_dict().items():
            changed = "the parameters or running averages are changed or thrown away, not only frozen"
            found = reply["state"].get(name)
            expect(found is not None, f"{name} is gone afterwards", changed)
            exactly(found, value, what=f"{name} afterwards", near={changed: found.data})
        for name, value in model.named_buffers():
            moving = "the running averages still change: frozen parameters or no_grad() don't stop them, eval mode does"
            exactly(
                reply["later"].get(name), value, what=f"{name} after a pass", near={moving: reply["later"][name].data}
            )
        right(reply["output"], output_of(plan, x), torch.float32, dict, "the output of the model afterwards")
        frozen_rightly(reply, plan)


# mc_dropout


@correctness("mc_dropout", points=0.5, hint="eval() for all, train() for the dropout layers, then stack, mean and std.")
def test_mc_dropout_mean_and_std_over_passes(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    witness = layer("Witness")
    model = ["chain", [linear(d, h), norm(h), dropout(fresh.number(0.3, 0.6)), layer("Noise"), witness, linear(h, 20)]]
    model[1][-1:] = [["chain", [linear(h, 20), layer("WordDropout", 0.5)]]]
    for samples, modes, script in [(5, None, {}), (2, True, {"keywords": True}), (4, False, {"grad": False})]:
        plan, x = planned(fresh, model, modes), fresh.normal(fresh.integer(6, 9), d)
        reply = sampled(student, plan, x, samples + 0, leaf=fresh.choice([True, False]), **script)
        mean_and_std(reply, samples)
        vary(reply)
        no_graphs(reply, sequence(reply["result"], 2))
    kinds = [("Dropout", (9, 9)), ("Dropout1d", (6, 9, 2)), ("Dropout2d", (6, 9, 2, 1)), ("Dropout3d", (6, 9, 1, 2, 1))]
    kinds += [("AlphaDropout", (9, 7)), ("FeatureAlphaDropout", (6, 9, 2, 1))]
    for name, size in kinds:
        plan, samples = planned(fresh, fresh.choice([layer(name, 0.5), ["chain", [layer(name, 0.5)]]])), 3
        reply = sampled(student, plan, fresh.normal(*size, dtype=torch.float64), samples)
        mean_and_std(reply, samples, torch.float64)
        vary(reply)
    own = ["chain", [linear(d, 40), ["own", "Dropout", [0.5]], ["chain", [layer("Noise"), ["heir", "Dropout", [0.5]]]]]]
    reply = sampled(
        student, planned(fresh, own, fresh.choice([None, False]), state=False), fresh.normal(4, d), 3, own=True
    )
    if reply is not None:
        mean_and_std(reply, 3)
    bare = sampled(student, planned(fresh, dropout()), fresh.normal(9, 9), 4, bare=True)
    mean_and_std(bare, 4)
    expect(bare["flags kept"], "a model that is itself a dropout layer is left in another mode")
    for more, rows in [([], 3), ([dropout(), linear(h, d)], 1), ([dropout(), layer("Total")], 2)]:
        quiet = planned(fresh, ["chain", [linear(d, h), norm(h), *more]], True)
        mean_and_std(sampled(student, quiet, fresh.normal(rows, d), 3), 3)


@correctness("mc_dropout", points=0.3, hint="Put back each submodule's own flag, also after an exception.")
def test_mc_dropout_leaves_everything_as_it_was(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    for plan in trees(fresh, d, h, every=False):
        grad, x = fresh.choice([True, False]), fresh.normal(3, d)
        reply = sampled(student, plan, x, 2, grad=grad)
        mean_and_std(reply, 2)
        left_alone(reply, plan, grad)
    for grad, kind in [(True, "exception"), (False, "exception"), (True, "base exception")]:
        plan = planned(
            fresh, ["chain", [linear(d, h), dropout(), ["frozen", [norm(h)]], ["trap", 1, kind]]], frozen=True
        )
        reply = student.probe("sampled", plan, fresh.normal(3, d), 3, grad=grad)
        expect(reply["caught"] is True, "an exception of the model does not come out")
        left_alone(reply, plan, grad, broken=True)


@correctness("mc_dropout", points=0.2, hint="One sample has no spread: raise before the model is touched.")
def test_mc_dropout_refuses_fewer_than_two_samples(student, fresh):
    d, h = fresh.sizes(2, 3, 6)
    plan, x = planned(fresh, ["chain", [linear(d, h), dropout(), norm(h)]]), fresh.normal(4, d)
    mean_and_std(sampled(student, plan, x, 2), 2)
    for samples in (1, 0, -fresh.integer(1, 5)):
        outcome = student.outcome("sampled", plan, x, samples)
        if isinstance(outcome, Raised) and "ValueError" not in outcome.bases:
            student.probe("sampled", plan, x, samples)
        student.probe_refuses("sampled", plan, x, samples, naming=("samples",), error="ValueError")
        found = student.probe("sampled_too_few", plan, x, samples)
        kept = found == wanted_flags(plan, lambda model: 0)[1]
        expect(kept, "the flags of the model are changed when samples is refused", "samples is checked too late")
