"""Judgements about no_grad: what is computed, what is written where, and what must be as it was."""

import functools

import torch
from hidden.no_grad_losses import broken_cases, judge_total, lessons, loss_cases, loss_values, values_before
from hidden.no_grad_memory import SIZE, judged, mixed_pairs, plain_pairs
from hidden.no_grad_models import (
    alike,
    all_equal,
    contents,
    equal,
    flags_kept,
    grad_mode_kept,
    gradients_for,
    gradients_kept,
    observed,
    right,
)
from hidden.no_grad_modules import (
    Snapshots,
    all_frozen,
    count_mistakes,
    frozen_once_more,
    models_to_copy,
    models_to_freeze,
)
from hidden.no_grad_rounding import gradient_mistakes, judge_rounded, rounded_cases
from hidden.no_grad_updates import Average, Step, averages, buffer_mistake, stepped, steps
from probes.no_grad import model_of

from grader.checks import correctness, gpu, speed
from grader.judge import dtype, expect, integer, on, sequence, shape, stays_on_device, tensor
from grader.verdicts import Failed

# ---------------------------------------------------------------------------------------------------------- freeze


@correctness("freeze", points=0.5, hint="Count the Parameters with requires_grad before you set it to False.")
def test_freeze_counts_what_it_changed(student, fresh):
    models = models_to_freeze(fresh)
    replies = observed(student, "frozen", [(members, {}) for members in models])
    replies += observed(student, "frozen", [(models[0], {})], keyword=True)
    for members, entry in zip([*models, models[0]], replies, strict=True):
        all_frozen(entry, members)
        trainable = sum(parameter.requires_grad for parameter in model_of(members).parameters())
        for value, expected in ((entry["count"], trainable), (entry["again"], 0)):
            expect(value is not None, "nothing is returned", "the count is not returned")
            found, mistakes = integer(value, "the count"), count_mistakes(members)
            sentence = next((words for words, other in mistakes.items() if other == found), None)
            expect(found == expected, f"the count is wrong: {str(found)[:30]}", sentence)
        frozen_once_more(entry, trainable)


@correctness("freeze", points=0.5, hint="requires_grad_(False) on module.parameters(), which finds submodules, too.")
def test_freeze_freezes_parameters_and_nothing_else(student, fresh):
    models = models_to_freeze(fresh)
    given = [gradients_for(fresh, members) for members in models]
    replies = observed(student, "frozen", list(zip(models, given, strict=True)))
    for members, gradients, entry in zip(models, given, sequence(replies, len(models)), strict=True):
        all_frozen(entry, members)
        before, after, model = entry["before"], entry["after"], model_of(members)
        flags_kept([before, after], "the module", ("training",))
        buffers = [name for name, _ in model.named_buffers()]
        kept = all(before["requires_grad"][name] == after["requires_grad"][name] for name in buffers)
        expect(kept, "requires_grad of a buffer is another afterwards", "buffers are frozen, too")
        named = dict(model.named_parameters()) | dict(model.named_buffers())
        same = entry["names"] == list(named) and all(entry["same"])
        expect(same, "the module holds other tensors than before", "Parameters are replaced instead of frozen")
        plain = {name: value.detach() for name, value in named.items()}
        all_equal(entry["values"], plain, "a value is another afterwards", "values are changed")
        gradients_kept(entry["gradients"], gradients, "the module")
        grad_mode_kept(entry["grad mode"])


# ------------------------------------------------------------------------------------------------------ sgd_update


@correctness("sgd_update", points=0.6, hint="Inside no_grad: p -= lr * p.grad, for each p whose .grad is not None.")
def test_sgd_update_values(student, fresh):
    for step, form in steps(fresh):
        step.judge(stepped(student, step, form)["values"], "parameter", form)
    step = Step(fresh)
    step.gradients = [None] * len(step.values)
    step.judge(stepped(student, step, "list")["values"], "parameter")


@correctness(
    "sgd_update", points=0.5, hint="An in-place operation under no_grad keeps the object, its memory and flags."
)
def test_sgd_update_is_in_place_and_parameters_stay_trainable(student, fresh):
    for (step, form), gradients_on in zip(steps(fresh), (True, False, True, False, True), strict=True):
        seen = stepped(student, step, form, gradients_on)
        step.judge(seen["values"], "parameter", form)
        for i, own in enumerate(seen["parameters"]):
            found = tensor(own)
            wrong = "a parameter is no longer trainable afterwards"
            expect(found.requires_grad, f"parameter {i} does not require a gradient any more", wrong)
            wrong = "the update becomes a part of the graph: no_grad is missing"
            expect(found.is_leaf, f"parameter {i} is no leaf any more", wrong)
        wrong = "another tensor's memory takes the place of the parameter's: that is not in place"
        expect(all(seen["same"]), "a parameter lies at another place in memory afterwards", wrong)
        try:
            step.judge(seen["views"], "a view, taken before, of parameter")
        except Failed as failed:
            raise Failed(failed.message, wrong) from None
        given = {f"parameter {i}": gradient for i, gradient in enumerate(step.gradients)}
        wrong = "gradients are written to or cleared: the update only reads them"
        gradients_kept(seen["gradients"], given, "the step", wrong)
        for later, cotangent in zip(seen["later"], step.cotangents, strict=True):
            sound = later is not None and alike(tensor(later).data, cotangent)
            expect(sound, "a later loss gives a parameter no or another gradient", "the parameters can't be trained on")
        grad_mode_kept(seen["grad mode"])


@gpu(
    "sgd_update", points=0.3, hint="Parameter and gradient are on the device, and lr is a Python number: copy nothing."
)
def test_sgd_update_on_device(student, device, fresh):
    step = Step(fresh)
    arguments = (step.values, step.gradients, step.rate, device)
    found, trace = sequence(observed(student, "updated_on_device", *arguments), 2)
    student.measured["trace"] = trace
    for own in found:
        on(own, device, "a parameter")
    step.judge(found, "parameter")
    stays_on_device(trace, scalars=2)  # one in each call may do, one for each Parameter is the mistake


# ------------------------------------------------------------------------------------------------------ ema_update


@correctness(
    "ema_update", points=0.6, hint="Inside no_grad, for each pair: own.mul_(decay).add_(other, alpha=1 - decay)."
)
def test_ema_update_averages_parameters_in_place(student, fresh):
    for i, average in enumerate(averages(fresh)):
        seen = average.seen(student, keyword=i == 1)
        average.judge(seen["values"])
        wrong = (
            "the Parameters are replaced: an optimizer or a layer that holds the old ones does not see the new values"
        )
        expect(all(seen["same"]), "the target holds other Parameter objects than before", wrong)
        wrong = "the target's Parameters share the memory of the source's"
        average_later = {name: tensor(seen["values"][name]).data for name in average.own}
        all_equal(seen["later"], average_later, "a later write to the source shows in the target", wrong)


@correctness("ema_update", points=0.4, hint="own.copy_(other) for each pair of buffers, whatever their dtype.")
def test_ema_update_copies_buffers(student, fresh):
    for average in averages(fresh)[:4]:
        seen = average.seen(student)
        own, other = (contents(members, "buffer") for members in (average.target, average.source))
        for name, wanted in other.items():
            expect(name in seen["values"], f"the target has no buffer {name} any more")
            found = dtype(shape(seen["values"][name], tuple(wanted.shape), name), wanted.dtype, name)
            if not torch.equal(found.data, wanted):
                raise Failed(
                    f"the buffer {name} does not hold what the source's holds", buffer_mistake(found.data, own[name])
                )
        wrong = "the target takes the source's buffers themselves, not copies of them"
        all_equal(seen["later"], other, "a later write to the source shows in the target", wrong)


@correctness("ema_update", points=0.4, hint="The target gets no graph: without no_grad it would lead to the source.")
def test_ema_update_leaves_flags_gradients_and_source_alone(student, fresh):
    for average, gradients_on in zip(averages(fresh)[::2], (True, True, False), strict=True):
        seen = average.seen(student, gradients_on=gradients_on)
        average.judge(seen["values"])
        for name in average.own:
            found = tensor(seen["tensors"][name])
            wrong = "the target's Parameters hang on the graph of the update: no_grad is missing"
            expect(found.is_leaf, f"{name} has a graph", wrong)
        for before, after, whose in zip(*seen["flags"], ("the target", "the source"), strict=True):
            flags_kept([before, after], whose)
        source = average.other | contents(average.source, "buffer")
        all_equal(seen["source"], source, "the source holds other values afterwards", "the source is written to")
        for found, given, whose in zip(seen["gradients"], average.gradients, ("target", "source"), strict=True):
            gradients_kept(found, given, f"the {whose}")
        grad_mode_kept(seen["grad mode"])


@gpu("ema_update", points=0.3, hint="Both models are on the device, and decay is a Python number: copy nothing.")
def test_ema_update_on_device(student, device, fresh):
    average = Average(fresh, [fresh.number(0.2, 0.8)])
    arguments = (average.target, average.source, average.decays[0], device)
    found, trace = sequence(observed(student, "averaged_on_device", *arguments), 2)
    student.measured["trace"] = trace
    for name, seen in found.items():
        on(seen, device, name)
    average.judge(found)
    stays_on_device(trace, scalars=2)  # one in each call may do, one for each Parameter is the mistake


@speed("ema_update", points=0.4, hint="Go through both models' parameters side by side, and build no dict in the loop.")
def test_ema_update_speed(race, fresh):
    dims = [fresh.integer(2, 4) for _ in range(160)]
    total = sum(n * n + n for n in dims)

    def unit():
        decays = [fresh.number(0.3, 0.9) for _ in range(4)]
        return dims, (fresh.normal(total), fresh.normal(total)), decays, fresh.number(0.7, 1.2)

    def verify(value, reference):
        right(value, tensor(reference).data.double(), torch.float32, "the target's Parameters", ulps=64)

    race("averaged_often", unit, verify, limit=6.0)


# --------------------------------------------------------------------------------------------------- running_total


@correctness("running_total", points=0.5, hint="Add loss.detach() for each loss, starting with 0 or with a new tensor.")
def test_running_total_values(student, fresh):
    for case in [*loss_cases(fresh), *broken_cases(fresh)]:
        seen = observed(student, "totals", *case)
        judge_total(seen["value"], values_before(seen), case[0].dtype)


@correctness("running_total", points=0.5, hint="detach() shares memory: += on the first loss would write to that loss.")
def test_running_total_has_no_graph_and_leaves_the_losses_alone(student, fresh):
    for case in loss_cases(fresh):
        seen = observed(student, "totals", *case)
        start, factors, kind, *_ = case
        judge_total(seen["value"], values_before(seen), start.dtype)
        total = tensor(seen["total"])
        wrong = "the total keeps the graphs of all losses: detach() or no_grad is missing"
        expect(not total.requires_grad and total.is_leaf, "the total requires a gradient", wrong)
        for first, after in zip(seen["before"], sequence(seen["left"], len(factors)), strict=True):
            same = torch.equal(tensor(first).data, tensor(after).data)
            wrong = "a loss is written to: the total is added up in its memory"
            expect(same, "a loss holds another value afterwards", wrong)
        kept = seen["count"] in (None, len(factors))
        expect(kept, "the list of losses has another length afterwards", "losses are taken out of the list")
        wrong = "the losses themselves are cut from their graphs"
        flags = all(flag == (kind != "plain") for flag in seen["flags"])
        expect(flags, "requires_grad of a loss is another after the call", wrong)
        expect(seen["clean"] is True, "leaves have got gradients after the call", "backward() is called inside")
        if kind == "graph":
            wrong = "the graphs of the losses are cut, or a tensor that they still need is written to"
            failed = isinstance(seen["gradient"], str)
            expect(not failed, f"backward() through the losses fails: {seen['gradient']}", wrong)
            gradient = loss_values(start.double(), factors.double())[1]
            right(seen["gradient"], gradient, start.dtype, "the gradient through the losses afterwards", ulps=256)
        wrong = "the graphs of the losses are kept alive"
        expect(seen["held"] == 0, f"{seen['held']} graphs are held when only the total is left", wrong)
        grad_mode_kept(seen["grad mode"])
    lists = [[fresh.normal() for _ in range(fresh.integer(2, 5))] for _ in range(2)]
    first, _ = sequence(student.probe("call_many", "running_total", [(losses,) for losses in lists]), 2)
    try:
        judge_total(first, [loss.double() for loss in lists[0]], torch.float32)
    except Failed as failed:
        raise Failed(f"after a second call {failed.message}", "a later call writes into an earlier total") from None


@gpu("running_total", points=0.3, hint="item(), float() and cpu() wait for the device; detach() does not.")
def test_running_total_on_device(student, device, fresh):
    for count in (fresh.integer(4, 9), 1):
        losses = [fresh.normal() for _ in range(count)]
        total, trace = student.traced([loss.requires_grad_() for loss in losses])
        if isinstance(total, float):
            raise Failed("the result is a Python number, not a tensor", "the values are read back to Python numbers")
        judge_total(total, [loss.detach().double() for loss in losses], torch.float32)
        stays_on_device(trace, to_device=1)
        on(total, device)


# ------------------------------------------------------------------------------------------ straight_through_round


@correctness("straight_through_round", points=0.6, hint="x + (x.round() - x).detach() has the value of x.round().")
def test_straight_through_round_values(student, fresh):
    for ways in (["off", *["plain"] * 11], ["leaf", "inner"]):
        for entry, x, _, how in rounded_cases(student, fresh, ways):
            judge_rounded(entry, x, how)


CUT = "no gradient comes back: the graph is cut"


@correctness(
    "straight_through_round", points=0.6, hint="detach() the rounding error, so that only x itself has a graph."
)
def test_straight_through_round_hands_gradients_on(student, fresh):
    for entry, x, cotangent, how in rounded_cases(student, fresh, ["leaf", "inner"]):
        judge_rounded(entry, x, how)
        gradient = entry.get("gradient")
        expect(gradient is not None, "x gets no gradient", CUT)
        near = functools.partial(gradient_mistakes, cotangent, x)
        right(gradient, cotangent.double(), x.dtype, "the gradient of x", near, ulps=4)
    shape_of = fresh.sizes(2, 2, 5)
    x, y, z = 3 * fresh.normal(*shape_of), fresh.normal(*shape_of), fresh.normal(*shape_of)
    for found, wanted in zip(observed(student, "rounded_in_a_loss", x, y, z), (y + z, x.round()), strict=True):
        expect(found is not None, "a factor of the rounded value gets no gradient", CUT)
        right(found, wanted.double(), torch.float32, "a gradient of sum(round(x)·y + x·z)", ulps=16)


# -------------------------------------------------------------------------------------------------------- snapshot


@correctness("snapshot", points=0.5, hint="{name: p.detach().clone() for name, p in module.named_parameters()}.")
def test_snapshot_keys_and_values(student, fresh):
    for members in models_to_copy(fresh):
        snap = Snapshots(student, fresh, members)
        snap.has_right_keys()
        snap.has_right_dtypes()
        snap.holds("first", snap.before, "a value is not the Parameter's", "other values than the Parameters'")
        for name, value in snap.seen["found"].items():
            found = tensor(value)
            wrong = "the copies require a gradient: clone() and deepcopy alone keep that"
            expect(not found.requires_grad and found.is_leaf, f"{name} requires a gradient", wrong)
        flags_kept(snap.seen["flags"], "the module")
        snap.holds("left", snap.tensors, "the module holds other values", "the module is written to")
        gradients_kept(snap.seen["gradients"], snap.gradients, "the module")
        grad_mode_kept(snap.seen["grad mode"])


@correctness("snapshot", points=0.5, hint="detach() alone shares the Parameter's memory: clone() makes the copy.")
def test_snapshot_is_independent(student, fresh):
    for members in models_to_copy(fresh):
        snap = Snapshots(student, fresh, members)
        snap.has_right_keys()
        snap.has_right_dtypes()
        snap.holds("first", snap.before, "a value is not the Parameter's", "other values than the Parameters'")
        wrong = "the snapshot shares the memory of the Parameters: detach() is not a copy"
        snap.holds("later", snap.before, "a later write to the module shows in the snapshot", wrong)
        wrong = "the first snapshot is returned again"
        snap.holds("second", snap.changed, "a second snapshot does not hold the newer values", wrong)
        wrong = "a write to the snapshot changes the module"
        snap.holds("model", snap.changed, "a write to the snapshot shows in the module", wrong)


# --------------------------------------------------------------------------------------------------- shares_memory


@correctness(
    "shares_memory", points=0.5, hint="Compare the sets of addresses: where the tensors begin says too little."
)
def test_shares_memory_of_views(student, fresh):
    for kind in (torch.float32, fresh.choice([torch.int16, torch.float64])):
        pairs = plain_pairs(fresh, kind)
        requests = [(a.request(), b.request()) for a, b, _ in pairs]
        rooms = [(SIZE, fresh.choice(["torch", "numpy"])) for _ in range(2)]
        judged(observed(student, "shared", rooms, requests, kind != torch.float32), pairs)


@correctness("shares_memory", points=0.5, hint="data_ptr(), strides and element_size() give every byte, in any dtype.")
def test_shares_memory_of_other_dtypes_and_arrays(student, fresh):
    pairs = mixed_pairs(fresh)
    rooms = [(SIZE, owner) for owner in fresh.choice([("torch", "numpy"), ("numpy", "torch")])]
    requests = [(a.request(), b.request()) for a, b, _ in pairs]
    judged(observed(student, "shared", rooms, requests, False), pairs)


# ------------------------------------------------------------------------------------------------ consistency_loss


@correctness("consistency_loss", points=0.5, hint="(student(x) - wanted).square().mean(), as it is.")
def test_consistency_loss_value_and_gradients_of_the_student(student, fresh):
    for lesson in lessons(fresh):
        seen = lesson.seen(student)
        gradients = lesson.judge_value(seen)
        expect(tensor(seen["loss"]).requires_grad, "the loss requires no gradient", "the student is cut off, too")
        wrong = "backward() is called inside: whoever gets the loss calls it"
        gradients_kept(seen["at once"][0], lesson.given[0], "the student", wrong)
        for name, gradient in gradients.items():
            before, found = lesson.given[0].get(name), seen["gradients"][0].get(name)
            expect(found is not None, f"{name} of the student gets no gradient", "the student's graph is cut")
            wanted = gradient if before is None else gradient + before.double()
            right(found, wanted, lesson.kind, f"the gradient of {name}", ulps=2048)
        flags_kept([seen["flags"][0][0], seen["flags"][1][0]], "the student")
        lesson.judge_kept(seen)
    seen = lesson.seen(student, gradients_on=False)
    lesson.judge_value(seen)
    lesson.judge_kept(seen)


@correctness(
    "consistency_loss", points=0.5, hint="Run the teacher under no_grad, or detach() its output; nothing else."
)
def test_consistency_loss_leaves_the_teacher_alone(student, fresh):
    for lesson in lessons(fresh):
        seen = lesson.seen(student)
        lesson.judge_value(seen)
        expect(tensor(seen["loss"]).requires_grad, "the loss requires no gradient", "the student is cut off, too")
        learns = any(
            gradient is not None and (name not in lesson.given[0] or not equal(gradient, lesson.given[0][name]))
            for name, gradient in seen["gradients"][0].items()
        )
        expect(learns, "backward() gives the student no gradient", "the student is cut off, too")
        wrong = "the loss teaches the teacher, too: its output is not cut from the graph"
        for found in (seen["at once"][1], seen["gradients"][1]):
            gradients_kept(found, lesson.given[1], "the teacher", wrong)
        for later in (seen["flags"][1], seen["later"]):
            flags_kept([seen["flags"][0][1], later[1]], "the teacher")
        parameters = {name: lesson.teacher[1][name] for name in seen["parameters"][1]}
        all_equal(seen["parameters"][1], parameters, "the teacher holds other values", "the teacher is written to")
