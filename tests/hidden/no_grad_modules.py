"""Models for freeze and snapshot, and what known mistakes make of them."""

from collections.abc import Mapping
from typing import Any

import torch
from hidden.no_grad_models import Members, all_equal, gradients_for, observed, sketch
from probes.no_grad import model_of
from torch import Tensor

from grader.fresh import Fresh
from grader.judge import described, dtype, expect, integer, tensor
from grader.student import Student
from grader.verdicts import Failed


def models_to_freeze(fresh: Fresh) -> list[Members]:
    """Some, all and none trainable; without Parameters; Parameters alone, two without elements; buffers alone."""
    bare: Members = [["weight", "parameter", fresh.normal(2, 3), True], ["bias", "parameter", fresh.normal(2), False]]
    bare += [[name, "parameter", fresh.normal(0, 2), True] for name in ("none", "no more")]  # torch gives no address
    bare += [["own", "parameter", fresh.normal(2), True, True]]
    learnt = ["layer.learnt", "buffer", fresh.normal(3).requires_grad_(), True]
    return [
        *(sketch(fresh), sketch(fresh, "all"), [*sketch(fresh, ties=False), learnt], sketch(fresh, "none")),
        *(bare, [], [["a.b", "buffer", fresh.normal(2), True], ["a", "eval"]]),
    ]


def all_frozen(entry: Mapping[str, Any], members: Members) -> None:
    after = entry["after"]["requires_grad"]
    model = model_of(members)
    buffers = [name for name, _ in model.named_buffers(remove_duplicate=False)]
    left = [name for name, _ in model.named_parameters(remove_duplicate=False) if after[name]]
    deep = [name for name in left if "." in name]
    trainable = {name for name, flag in entry["before"]["requires_grad"].items() if flag}
    own = bool(left) and left == deep and {name for name in trainable if "." in name} <= {*left, *buffers}
    wrong = "only the module's own Parameters are frozen, not those of its submodules" if own else None
    expect(not left, f"{len(left)} Parameters still require a gradient", wrong or "the Parameters are not frozen")


def frozen_once_more(entry: Mapping[str, Any], trainable: int) -> None:
    """A model that can be trained again is frozen again."""
    (count, after), kept = entry["once more"], entry["after"]["requires_grad"]
    sound = after["requires_grad"] == kept and integer(count, "the count") == trainable
    wrong = "what was frozen once is passed over ever after, also when it can be trained again"
    expect(sound, "a model that was frozen and can be trained again is not frozen or counted anew", wrong)


def count_mistakes(members: Members) -> dict[str, int]:
    model = model_of(members)
    every, own = list(model.parameters()), list(model.parameters(recurse=False))
    repeated = [parameter for _, parameter in model.named_parameters(remove_duplicate=False)]
    trainable = [parameter for parameter in every if parameter.requires_grad]
    return {
        "a Parameter in several places counts several times": sum(p.requires_grad for p in repeated),
        "Parameters that were frozen before are counted, too": len(every),
        "all Parameters are counted, and those in several places several times": len(repeated),
        "numbers are counted, not tensors": sum(p.numel() for p in trainable),
        "the numbers in all Parameters are counted": sum(p.numel() for p in every),
        "only the module's own Parameters are counted": sum(p.requires_grad for p in own),
        "what still requires a gradient afterwards is counted": 0,
        "what was frozen before is counted": len(every) - len(trainable),
        "buffers are counted, too": len(trainable) + len(list(model.buffers())),
        "modules are counted, not Parameters": len(list(model.modules())),
    }


def models_to_copy(fresh: Fresh) -> list[Members]:
    several: Members = [["weight", "parameter", fresh.normal(2, 3), True], ["mean", "buffer", fresh.normal(2), True]]
    kinds = {"gain": torch.float16, "bias": torch.float64}
    several += [[name, "parameter", fresh.normal(3, dtype=kind), True] for name, kind in kinds.items()]
    return [
        *(sketch(fresh), sketch(fresh, "none", ties=False), sketch(fresh, "all", torch.float64)),
        *(several, []),
    ]


class Snapshots:
    """What a snapshot holds, at once and later; the model is written to in between."""

    def __init__(self, student: Student, fresh: Fresh, members: Members) -> None:
        self.members, self.model = members, model_of(members)
        self.gradients = gradients_for(fresh, members)
        self.before = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.tensors = self.before | {name: buffer.detach() for name, buffer in self.model.named_buffers()}
        self.changed = {name: fresh.normal(*value.shape, dtype=value.dtype) for name, value in self.before.items()}
        arguments = (members, self.gradients, self.changed, fresh.number(20, 30))
        self.seen = observed(student, "snapshots", *arguments)
        found = self.seen["found"]
        wrong = "the copies come without their names" if isinstance(found, (list, tuple)) else None
        expect(isinstance(found, dict), f"the result is {described(found)}, not a dict", wrong)

    def has_right_keys(self) -> None:
        keys, wanted = [str(key) for key in self.seen["found"]], list(self.before)
        if keys == wanted:
            return
        model, extra = self.model, set(keys) - set(wanted)
        repeated = [name for name, _ in model.named_parameters(remove_duplicate=False)]
        signs = {
            "buffers are in the snapshot, too": bool(extra & {name for name, _ in model.named_buffers()}),
            "a Parameter in several places stands under all of its names": set(keys) == set(repeated),
            "only the module's own Parameters are copied": set(keys) == {key for key in wanted if "." not in key},
            "frozen Parameters are left out": set(keys) == {n for n, p in model.named_parameters() if p.requires_grad},
            "the last parts of the names are taken for the names": set(keys) == {k.rpartition(".")[2] for k in wanted},
            "the keys come in another order": set(keys) == set(wanted),
        }
        sentence = next((words for words, matches in signs.items() if matches), None)
        raise Failed(f"the keys are not those of named_parameters(): {', '.join(keys[:6])[:200]}", sentence)

    def has_right_dtypes(self) -> None:
        for name, value in self.before.items():
            known = {"the dtype of a Parameter is not kept": tensor(self.seen["found"][name]).dtype}
            dtype(self.seen["found"][name], value.dtype, name, known)

    def holds(self, key: str, expected: Mapping[str, Tensor], message: str, diagnosis: str) -> None:
        all_equal(self.seen[key], expected, message, diagnosis)
