"""Judgements about modules: weights that the grader draws go in, and what comes out is computed here in float64."""

import re
from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import Any

import torch
from hidden.modules_layers import (
    BESIDES,
    FEW_VALUES,
    ULPS,
    all_sound,
    drawn,
    equal,
    followed,
    layouts,
    learned,
    moved,
    outputs_of,
    registered,
    right,
    sequences,
    start_differently,
    why_missing,
    wide,
)
from hidden.modules_positions import (
    added,
    adds_what_is_loaded,
    both_parities,
    mixed_dims,
    not_trained,
    table_of,
    within,
)
from hidden.modules_references import (
    Forward,
    classifier_mistakes,
    classifier_names,
    classify,
    either_order,
    linear_names,
    parallel,
    parallel_mistakes,
    residual_mistakes,
    sinusoids,
    stacked,
    stacked_mistakes,
    stacked_shapes,
    table_mistakes,
)
from hidden.modules_sketches import (
    REMEMBERED,
    contents_of,
    count_mistakes,
    models,
    some_names,
    tally,
    trainable_mistakes,
    why_other_keys,
)
from probes.modules import LAYERS, extend, model_of, turn
from torch import Tensor

from grader.checks import correctness, gpu, speed
from grader.judge import close, described, dtype, exactly, expect, number, on, sequence, stays_on_device, tensor
from grader.student import Raised
from grader.verdicts import Failed

# ParallelLinears


@correctness("ParallelLinears", points=0.6, hint="Give the same x to every layer of linear_list; return a tuple.")
def test_parallel_linears_outputs(student, fresh):
    several = fresh.sizes(2, 2, 6)
    many = (fresh.integer(2, 4), fresh.integer(11, 13))
    for dim, count in [several, (fresh.integer(2, 5), 1), (1, fresh.integer(2, 4)), many]:
        sizes, shapes = {"dim": dim, "count": count}, linear_names(count, dim)
        registered(student, sizes, shapes, linear_list="ModuleList")
        state = drawn(fresh, shapes)
        inputs = [*layouts(fresh, dim), *sequences(fresh, dim)] if (dim, count) != many else [fresh.normal(3, dim)]
        for outputs, x in outputs_of(student, sizes, state, inputs):
            wrong = "a list or one tensor where a tuple is promised"
            expect(isinstance(outputs, tuple), "forward does not return a tuple", wrong)
            weights, x64 = wide(state), x.double()
            expected = parallel(weights, x64)
            for k, seen in enumerate(sequence(outputs, count, "the tuple of outputs")):
                right(seen, expected[k], x, partial(parallel_mistakes, weights, x64, k), f"output {k}")


@correctness("ParallelLinears", points=0.4, hint="An nn.ModuleList of count separately built Linear layers.")
def test_parallel_linears_layers_are_known_and_learn(student, fresh):
    for dim, count in [fresh.sizes(2, 2, 6), (fresh.integer(2, 5), 1)]:
        sizes = {"dim": dim, "count": count}
        seen = registered(student, sizes, linear_names(count, dim), linear_list="ModuleList")
        start_differently([seen["parameters"][f"linear_list.{k}.weight"] for k in range(count)])
        batch = fresh.integer(2, 5)
        cotangents = [fresh.normal(batch, dim) for _ in range(count)]
        learned(student, sizes, linear_names(count, dim), [parallel], fresh.normal(batch, dim), cotangents)
    dim, count = fresh.integer(2, 4), fresh.integer(7, 10)
    seen = registered(student, {"dim": dim, "count": count}, linear_names(count, dim))
    start_differently([seen["parameters"][f"linear_list.{k}.weight"] for k in range(count)])


@gpu("ParallelLinears", points=0.3, hint="What stands in a ModuleList moves with the model.")
def test_parallel_linears_on_device(student, device, fresh):
    dim, count = fresh.sizes(2, 2, 6)
    sizes, state, x = {"dim": dim, "count": count}, drawn(fresh, linear_names(count, dim)), fresh.normal(3, dim)
    registered(student, sizes, linear_names(count, dim))
    outputs, trace = moved(student, sizes, state, x)
    expected = parallel(wide(state), x.double())
    for seen, other in zip(sequence(outputs, count, "the output"), expected, strict=True):
        on(seen, device)
        right(seen, other, x)
    stays_on_device(trace)


# Classifier


@correctness("Classifier", points=0.8, hint="self.layers = nn.Sequential(Linear, ReLU, Linear); return its output.")
def test_classifier_outputs_and_learns(student, fresh):
    for in_dim, hidden, classes in [fresh.sizes(3, 2, 9), fresh.sizes(3, 2, 9), (1, 1, 1)]:
        sizes = {"in_dim": in_dim, "hidden": hidden, "classes": classes}
        shapes = classifier_names(in_dim, hidden, classes)
        registered(student, sizes, shapes, layers="Sequential")
        state = drawn(fresh, shapes)
        for output, x in outputs_of(student, sizes, state, layouts(fresh, in_dim)):
            weights, x64 = wide(state), x.double()
            right(output, classify(weights, x64), x, partial(classifier_mistakes, weights, x64))
        batch = fresh.integer(2, 5)
        forward: Forward = lambda weights, x: [classify(weights, x)]  # noqa: E731
        learned(student, sizes, shapes, [forward], fresh.normal(batch, in_dim), [fresh.normal(batch, classes)])


@correctness("Classifier", points=0.4, hint="in_dim, hidden and classes have defaults, 128, 128 and 2.")
def test_classifier_arguments(student, fresh):
    a, b, c = fresh.sizes(3, 3, 20)
    cases: list[tuple[Any, tuple[int, int, int]]] = [
        ({}, (128, 128, 2)),
        ({"hidden": a}, (128, a, 2)),
        ({"classes": b, "in_dim": c}, (c, 128, b)),
        ([a, b, c], (a, b, c)),
        ([b], (b, 128, 2)),
    ]
    for arguments, wanted in cases:
        shapes = classifier_names(*wanted)
        try:
            registered(student, arguments, shapes)
        except Failed as failed:
            order = "a default, or the order or use of the arguments, is not as in the signature"
            raise Failed(failed.message, failed.diagnosis or order) from None
        state = drawn(fresh, shapes)
        for output, x in outputs_of(student, arguments, state, [fresh.normal(3, wanted[0])]):
            right(output, classify(wide(state), x.double()), x)


# ResidualMLP


def block_roles(seen: Mapping[str, Any], dim: int, depth: int) -> list[list[str]]:
    """The names [weight, bias, weight, bias] of each block, in the order of registration."""
    roles = []
    for k in range(depth):
        names = [name for name in seen if name.startswith(f"blocks.{k}.")]
        weights = [name for name in names if tensor(seen[name]).shape == (dim, dim)]
        biases = [name for name in names if tensor(seen[name]).shape == (dim,)]
        sound = len(weights) == len(biases) == 2 and len(names) == 4
        expect(sound, f"blocks.{k} has {len(names)} Parameters; two Linear(dim, dim) have four")
        roles.append([weights[0], biases[0], weights[1], biases[1]])
    return roles


def residual_layout(student: Any, dim: int, depth: int) -> tuple[Mapping[str, Any], list[list[str]]]:
    """The layout of a ResidualMLP and the roles of its parameters."""
    sizes = {"dim": dim, "depth": depth}
    seen = student.probe("layout", student.task, sizes, {"blocks": "ModuleList"})
    if not seen["parameters"]:
        expect(False, "the module knows no Parameter at all", why_missing(student, sizes, seen))
    roles = block_roles(seen["parameters"], dim, depth)
    names = [name for block in roles for name in block]
    expect(set(names) == set(seen["parameters"]), "the module has Parameters outside of its `depth` blocks", BESIDES)
    all_sound(seen, {name: tensor(seen["parameters"][name]).shape for name in names})
    expect(seen["containers"]["blocks"], "the attribute blocks is not an nn.ModuleList")
    return seen, roles


@correctness("ResidualMLP", points=0.7, hint="for block in self.blocks: x = x + block(x), not x += block(x).")
def test_residual_mlp_outputs(student, fresh):
    many = (fresh.integer(2, 4), fresh.integer(11, 13))
    for dim, depth in [fresh.sizes(2, 2, 5), (fresh.integer(3, 6), 1), (1, 2), many]:
        seen, roles = residual_layout(student, dim, depth)
        state = drawn(fresh, {name: seen["parameters"][name].shape for block in roles for name in block})
        sizes = {"dim": dim, "depth": depth}
        weights = wide(state)
        inputs = [*layouts(fresh, dim), *sequences(fresh, dim)] if (dim, depth) != many else [fresh.normal(3, dim)]
        for output, x in outputs_of(student, sizes, state, inputs):
            x64 = x.double()
            expected = followed(either_order(roles), weights, x64, output)[0]
            right(output, expected, x, partial(residual_mistakes, weights, roles, x64))


def blocks_start_differently(seen: Mapping[str, Any], roles: list[list[str]]) -> None:
    for position in (0, 2):
        weights = [tensor(seen["parameters"][names[position]]) for names in roles]
        start_differently([weight for weight in weights if weight.data.unique().numel() > 1])
    start_differently([torch.cat([seen["parameters"][name].data.flatten() for name in names]) for names in roles])


@correctness("ResidualMLP", points=0.5, hint="Build every block separately, inside an nn.ModuleList.")
def test_residual_mlp_blocks_are_independent_and_learn(student, fresh):
    for dim, depth in [fresh.sizes(2, 2, 4), (fresh.integer(2, 5), 1)]:
        seen, roles = residual_layout(student, dim, depth)
        blocks_start_differently(seen, roles)
        batch = fresh.integer(10, 14)  # so many rows that no ReLU is without effect
        x, cotangent = fresh.normal(batch, dim), fresh.normal(batch, dim)
        shapes = {name: seen["parameters"][name].shape for block in roles for name in block}
        learned(student, {"dim": dim, "depth": depth}, shapes, either_order(roles), x, [cotangent])
    blocks_start_differently(*residual_layout(student, fresh.integer(2, 4), fresh.integer(5, 8)))


@gpu("ResidualMLP", points=0.3, hint="What stands in a ModuleList moves with the model.")
def test_residual_mlp_on_device(student, device, fresh):
    dim, depth = fresh.integer(3, 6), 2
    seen, roles = residual_layout(student, dim, depth)
    state = drawn(fresh, {name: seen["parameters"][name].shape for block in roles for name in block})
    x = 9 * fresh.normal(20, dim)  # so that signs are those of x, whatever the blocks add
    output, trace = moved(student, {"dim": dim, "depth": depth}, state, x)
    on(output, device)
    right(output, followed(either_order(roles), wide(state), x.double(), output)[0], x)
    stays_on_device(trace)


# PositionalEncoding


@correctness("PositionalEncoding", points=0.5, hint="table[:, 0::2] are sines, table[:, 1::2] cosines of one angle.")
def test_positional_encoding_table(student, fresh):
    even, odd = 2 * fresh.integer(3, 6), 2 * fresh.integer(2, 5) + 1
    cases = [(even, fresh.integer(10, 40)), (odd, fresh.integer(10, 40)), (even + 2, 200), (1, 5), (2, 7), (odd, 1)]
    for dim, max_len in cases:
        outcome = student.outcome("layout", student.task, {"dim": dim, "max_len": max_len}, {})
        if isinstance(outcome, Raised) and outcome.type == "RuntimeError" and dim % 2:
            raise Failed(f"an odd dim: {outcome.sentence()}", "an odd dim is not thought of: it ends in a sine")
        seen = table_of(student, {"dim": dim, "max_len": max_len})
        expected = sinusoids(dim, max_len)
        within(seen, expected, table_mistakes(dim, max_len), "table")
        length = max(1, max_len - 1)
        output = student.probe("once", student.task, {"dim": dim, "max_len": max_len}, torch.zeros(1, length, dim))
        within(output, expected[None, :length], {}, "the output for zeros")
        double = "the table stays in float64, which makes a float32 x float64, too"
        dtype(output, torch.float32, "the output for a float32 x", {double: torch.float64})


@correctness(
    "PositionalEncoding", points=0.5, hint="register_buffer makes the table part of the state; x is only read."
)
def test_positional_encoding_buffer_is_saved_moved_and_not_trained(student, fresh):
    for dim, max_len in both_parities(fresh):
        sizes = {"dim": dim, "max_len": max_len}
        table_of(student, sizes)
        adds_what_is_loaded(student, fresh, sizes)
        not_trained(student, sizes, fresh.normal(2, max_len - 1, dim))


# Names, where words begin; those of one letter are words of their own, and none is the t of "can't".
TOO_LONG = r"(?<![^\W\d_])(?<![^\W\d_]['’])(max|(seq)?len|seq|long|position|[xt](?![^\W_]))"


@correctness("PositionalEncoding", points=0.3, hint="Compare x.size(1) with max_len before anything is added.")
def test_positional_encoding_refuses_what_is_too_long(student, fresh):
    for max_len, dim in zip((fresh.integer(3, 6), 1, fresh.integer(7, 12)), mixed_dims(fresh), strict=True):
        sizes = {"dim": dim, "max_len": max_len}
        state = {"table": fresh.normal(max_len, sizes["dim"])}
        fine = {
            "a sequence of exactly max_len positions is refused": fresh.normal(1, max_len, dim),
            "more sequences than max_len are refused: B may be any number": fresh.normal(max_len + 2, max_len, dim),
        }
        for sentence, x in fine.items():
            outcome = student.outcome("once", student.task, sizes, x)
            if isinstance(outcome, Raised) and outcome.function == "forward" and "ValueError" in outcome.bases:
                raise Failed("an x with T = max_len is refused", sentence)
        for output, x in outputs_of(student, sizes, state, [*fine.values()]):
            added(output, x, state["table"])
        for longer in (max_len + 1, max_len + fresh.integer(2, 9)):
            x = fresh.normal(fresh.integer(1, max_len), longer, sizes["dim"])
            outcome = student.outcome("once", student.task, sizes, x)
            if isinstance(outcome, Raised) and "ValueError" not in outcome.bases:
                own = f"the length is not checked as the docstring asks: {outcome.type} instead of a ValueError"
                raise Failed(f"a sequence that is too long must raise ValueError; it raised {outcome.sentence()}", own)
            student.probe_refuses("once", student.task, sizes, x, naming=(), error="ValueError")
            told = f"the message of the ValueError must name x, its length T or max_len; it is: {outcome.message!r}"
            expect(bool(re.search(TOO_LONG, outcome.message, re.I)), told)


@gpu("PositionalEncoding", points=0.3, hint="A buffer moves with the model, so that forward has nothing to move.")
def test_positional_encoding_on_device(student, device, fresh):
    for dim, max_len in both_parities(fresh):
        sizes, state = {"dim": dim, "max_len": max_len}, {"table": fresh.normal(max_len, dim)}
        x = fresh.normal(2, max_len - 1, dim)
        table_of(student, sizes)
        output, trace = moved(student, sizes, state, x)
        on(output, device)
        added(output, x, state["table"])
        stays_on_device(trace)


# StackedLinears


@correctness("StackedLinears", points=0.5, hint="out[k] = x @ weight[k].T + bias[k], for all k at once.")
def test_stacked_linears_outputs(student, fresh):
    several = fresh.sizes(2, 2, 6)
    for dim, count in [several, (fresh.integer(2, 5), 1), (1, 3)]:
        sizes, shapes = {"dim": dim, "count": count}, stacked_shapes(count, dim)
        registered(student, sizes, shapes)
        state = drawn(fresh, shapes)
        inputs = [*layouts(fresh, dim), fresh.normal(count, dim), fresh.normal(dim, dim), fresh.normal(7, dim)]
        for output, x in outputs_of(student, sizes, state, inputs):
            weights, x64 = wide(state), x.double()
            right(output, stacked(weights, x64)[0], x, partial(stacked_mistakes, weights, x64))


def maps_start_differently(weight: Tensor) -> None:
    expect(bool(weight.any()), "all weights start at 0", "the weights start at 0, so that all maps are the same")
    wrong = "the maps start as copies of one" if (weight == weight[0]).all() else FEW_VALUES
    for one, other in combinations(weight, 2):
        expect(not torch.equal(one, other), f"some of {len(weight)} maps start with equal weights", wrong)


@correctness("StackedLinears", points=0.3, hint="Two nn.Parameters, weight and bias, with random initial values.")
def test_stacked_linears_parameters_learn(student, fresh):
    for dim, count in [fresh.sizes(2, 2, 6), (fresh.integer(2, 5), 1)]:
        sizes = {"dim": dim, "count": count}
        seen = registered(student, sizes, stacked_shapes(count, dim))
        maps_start_differently(seen["parameters"]["weight"].data)
        batch = fresh.choice([n for n in range(2, 6) if n not in (dim, count)])
        x, cotangent = fresh.normal(batch, dim), fresh.normal(count, batch, dim)
        learned(student, sizes, stacked_shapes(count, dim), [stacked], x, [cotangent])
    registered(student, {"dim": 1, "count": 1}, stacked_shapes(1, 1))
    count = fresh.integer(33, 40)  # there are 16 matrices (2, 2) of signs
    seen = registered(student, {"dim": 2, "count": count}, stacked_shapes(count, 2))
    maps_start_differently(seen["parameters"]["weight"].data)


@gpu("StackedLinears", points=0.3, hint="One product of Parameters and input; nothing is built on the CPU.")
def test_stacked_linears_on_device(student, device, fresh):
    dim, count = fresh.sizes(2, 2, 6)
    sizes, shapes, x = {"dim": dim, "count": count}, stacked_shapes(count, dim), fresh.normal(7, dim)
    registered(student, sizes, shapes)
    state = drawn(fresh, shapes)
    output, trace = moved(student, sizes, state, x)
    on(output, device)
    right(output, stacked(wide(state), x.double())[0], x)
    stays_on_device(trace)


@speed("StackedLinears", points=0.5, hint="No Python loop over count: einsum, bmm or a broadcasting @ does all maps.")
def test_stacked_linears_speed(race, fresh):
    counts = [fresh.integer(190, 200), fresh.integer(210, 220), fresh.integer(230, 240)]
    sizes = [{"dim": dim, "count": count} for dim, count in zip(fresh.sizes(3, 4, 6), counts, strict=True)]

    def unit():
        runs = []
        for one in sizes:
            state = drawn(fresh, stacked_shapes(one["count"], one["dim"]))
            inputs = fresh.normal(32, fresh.integer(1, 4), one["dim"])
            runs.append((one, state["weight"], state["bias"], inputs))
        return (runs,)

    def verify(value, reference):
        for own, other in zip(sequence(value, len(sizes)), reference, strict=True):
            close(dtype(own, torch.float32), tensor(other).data.double(), ulps=ULPS)

    race("stacked_many", unit, verify, limit=7.0)


# count_parameters


def counts_to(value: Any, expected: int, near: Mapping[str, int]) -> None:
    found = number(value, "the count")
    if found != expected:
        sentence = next((sentence for sentence, other in near.items() if other == found), None)
        raise Failed(f"the count is wrong: {str(found)[:40]}", sentence)


@correctness("count_parameters", points=0.6, hint="Sum numel() over model.parameters(), which names each one once.")
def test_count_parameters_counts_scalars_once(student, fresh):
    for members in models(fresh):
        model = model_of(members, frozen := some_names(fresh, members))
        reply = student.probe("counted", members, frozen)
        for value in sequence(reply["all"], 2):
            counts_to(value, tally(model.parameters()), count_mistakes(model))
        expect(reply["kept"], "flags of the model changed", "counting changes requires_grad or the mode of the model")
        old = tally(model.parameters())
        extend(model)
        counts_to(reply["extended"], tally(model.parameters()), {REMEMBERED: old, **count_mistakes(model)})
    for name, arguments in [("Linear", fresh.sizes(2)), ("BatchNorm1d", fresh.sizes(1)), ("ReLU", [])]:
        layer = LAYERS[name](*arguments)
        counts_to(student.probe("counted_layer", name, arguments), tally(layer.parameters()), count_mistakes(layer))


@correctness("count_parameters", points=0.6, hint="trainable_only leaves out what has requires_grad False.")
def test_count_parameters_trainable_only(student, fresh):
    for members in models(fresh):
        every = [name for name, _ in model_of(members, []).named_parameters()]
        for frozen in (some_names(fresh, members), [], every):
            model = model_of(members, frozen)
            reply = student.probe("counted", members, frozen)
            old = tally(parameter for parameter in model.parameters() if parameter.requires_grad)
            for value in sequence(reply["trainable"], 2):
                counts_to(value, old, trainable_mistakes(model))
            turn(model)
            expected = tally(parameter for parameter in model.parameters() if parameter.requires_grad)
            counts_to(reply["turned"], expected, {REMEMBERED: old, **trainable_mistakes(model)})


# collect_state


def a_dict(found: Any) -> None:
    expect(isinstance(found, dict), f"collect_state returns {described(found)}, not a dict")


def collects(items: Any, model: torch.nn.Module, expected: Mapping[str, Tensor]) -> None:
    """The right keys in the right order, and values as in the model."""
    pairs = [sequence(pair, 2) for pair in items]
    nothing = [key for key, value in pairs if value is None]
    expect(not nothing, f"None stands under {str(nothing[:1])[:100]}", "what is None is collected, too")
    keys = [key for key, _ in pairs]
    if keys != list(expected):
        wrong = [str(key) for key in keys if key not in expected] or [key for key in expected if key not in keys]
        told = f"keys that are wrong or missing: {', '.join(wrong[:5])[:300]}" if wrong else "the order is another"
        raise Failed(f"the keys are not those of state_dict(): {told}", why_other_keys(keys, model))
    for (key, value), other in zip(pairs, expected.values(), strict=True):
        exactly(value, other, what=f"the value of {key}")


@correctness(
    "collect_state", points=0.9, hint="Walk named_modules(remove_duplicate=False): own Parameters, own buffers."
)
def test_collect_state_keys_order_and_values(student, fresh):
    for members in models(fresh):
        model = model_of(members, frozen := some_names(fresh, members))
        contents = contents_of(fresh, model)
        reply = student.probe("collected", members, frozen, contents)
        a_dict(reply["found"])
        collects(reply["items"], model, contents)
        expect(reply["kept"], "flags of the model changed", "collecting changes requires_grad or the mode of the model")
        extend(model)
        keys = sequence(reply["extended"])
        told = "the keys are not those of a model that got another Parameter after an earlier call"
        expect(keys == list(model.state_dict()), told, REMEMBERED if keys == list(contents) else None)
    for name, arguments in [("Linear", fresh.sizes(2)), ("BatchNorm1d", fresh.sizes(1)), ("ReLU", [])]:
        layer = LAYERS[name](*arguments)
        contents = contents_of(fresh, layer)
        found = student.probe("collected_layer", name, arguments, contents)
        a_dict(found)
        collects(list(found.items()), layer, contents)


@correctness("collect_state", points=0.7, hint="tensor.detach() is cut from the graph but stays on the same storage.")
def test_collect_state_shares_storage_and_is_detached(student, fresh):
    for members in models(fresh):
        model = model_of(members, [])
        first, second = contents_of(fresh, model), contents_of(fresh, model)
        reply = student.probe("writes_through", members, first, second)
        a_dict(reply["found"])
        seen = dict(sequence(pair, 2) for pair in reply["seen"])
        for key, wanted in first.items():
            expect(key in seen, f"the key {key} is missing")
            wrong = "the tensors are copies, not the model's own"
            expect(equal(seen[key], wanted), f"{key} does not show what is written to the model", wrong)
            expect(equal(reply["model"].get(key), second[key]), f"a write to {key} does not reach the model", wrong)
            found = tensor(reply["found"].get(key))
            expect(not found.requires_grad, f"{key} requires a gradient", "the tensors are not detached from the graph")
