"""A check's view of a module: sessions that are opened, restarted and closed."""

import contextlib
import json
import sys

import pytest

from grader.inprocess import InProcessChannel
from grader.student import Module, Student
from grader.verdicts import Broke, Failed

COUNTER = b"""
calls = 0
def count():
    global calls
    calls += 1
    return calls
"""


@pytest.fixture
def student():
    subject = Student(InProcessChannel, Module("counting", {"counting": COUNTER}, {}), "count", 0, "cpu")
    yield subject
    subject.close()


def test_a_session_keeps_its_module(student):
    assert [student.call(), student.call()] == [1, 2]


def test_a_restarted_session_loads_the_module_anew(student):
    student.call()
    student.restart()
    assert student.call() == 1


@pytest.mark.parametrize(
    ("message", "names_it"),
    [
        ("low must be below high", True),
        ("`Low`, 3, is too large", True),
        ("min_low > high", True),
        ("not allowed", False),
    ],
)
def test_an_arguments_name_begins_where_no_letter_stands_before(message, names_it):
    source = f"def draw():\n    raise ValueError({message!r})\n".encode()
    subject = Student(InProcessChannel, Module("drawing", {"drawing": source}, {}), "draw", 0, "cpu")
    with (
        contextlib.closing(subject),
        contextlib.nullcontext() if names_it else pytest.raises(Failed, match="must name"),
    ):
        subject.refuses(naming=("low",))


@pytest.mark.parametrize("name", ["ValueError", "Missing", "ForbiddenRoutine", "WireError", "NotImplementedError"])
def test_a_class_of_the_submission_is_not_taken_for_one_that_it_is_called_like(name):
    source = f"class {name}(BaseException):\n    pass\ndef draw():\n    raise {name}('full marks')\n".encode()
    subject = Student(InProcessChannel, Module("drawing", {"drawing": source}, {}), "draw", 0, "cpu")
    with contextlib.closing(subject):
        with pytest.raises(Broke, match=rf"`draw` raised {name} \(not Python's own\) in line 4"):
            subject.call()
        with pytest.raises(Failed, match="bad input must raise"):
            subject.refuses(error=name)


HIDDEN_NAME = b"""
class Meta(type):
    __name__ = __mro__ = property(lambda self: 1 / 0)
class Odd(ValueError, metaclass=Meta): pass
def draw():
    raise Odd("low")
"""


def test_a_class_that_hides_its_name_is_named():
    subject = Student(InProcessChannel, Module("drawing", {"drawing": HIDDEN_NAME}, {}), "draw", 0, "cpu")
    with contextlib.closing(subject):
        subject.refuses(naming=("low",))
        with pytest.raises(Broke, match="`draw` raised Odd"):
            subject.call()


MODE = """
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
class Functions(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {{}}))
class Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {{}}))
mode = {mode}
mode.__enter__()
def draw():
    return 1
def close():
    mode.__exit__(None, None, None)
"""


@pytest.mark.parametrize("mode", ["Functions()", "Dispatch()", "torch.device('cpu')"])
def test_a_mode_that_stays_on_is_tampering(mode):
    subject = Student(
        InProcessChannel, Module("drawing", {"drawing": MODE.format(mode=mode).encode()}, {}), "draw", 0, "cpu"
    )
    fails = contextlib.nullcontext() if "device" in mode else pytest.raises(Failed, match="by a mode that stays on")
    with contextlib.closing(subject), fails:
        try:
            assert subject.call() == 1
        finally:
            sys.modules["drawing"].close()


HUSHED = """
import json
original = json.dumps
def dumps(value, **options):
    value.pop("tampered", None)
    return original(value, **options)
json.dumps = dumps
def draw():
    return 1
"""


def test_an_alarm_is_sent_without_what_the_submission_replaced(monkeypatch):
    monkeypatch.setattr(json, "dumps", json.dumps)  # put back afterwards
    subject = Student(InProcessChannel, Module("drawing", {"drawing": HUSHED.encode()}, {}), "draw", 0, "cpu")
    with contextlib.closing(subject), pytest.raises(Failed, match=r"tampering: the submission replaced json\.dumps"):
        subject.call()


LEFT = """
import torch
mode = torch.inference_mode()
def draw():
    {change}
    {end}
def put_back():
    {back}
"""


@pytest.fixture
def put_back():
    """Afterwards, what a submission left changed."""
    yield
    sys.modules["drawing"].put_back()


@pytest.mark.parametrize("end", ["return 1", "raise ValueError('low')"])
@pytest.mark.parametrize(
    ("change", "back", "name"),
    [
        ("torch.set_default_dtype(torch.float64)", "torch.set_default_dtype(torch.float32)", "the default dtype"),
        ("torch.set_default_device('meta')", "torch.set_default_device(None)", "the default device"),
        ("torch.set_grad_enabled(False)", "torch.set_grad_enabled(True)", "grad mode"),
        ("mode.__enter__()", "mode.__exit__(None, None, None)", "grad mode, inference mode"),
    ],
)
def test_a_setting_of_torch_is_not_left_changed(put_back, change, back, name, end):
    source = LEFT.format(change=change, back=back, end=end).encode()
    subject = Student(InProcessChannel, Module("drawing", {"drawing": source}, {}), "draw", 0, "cpu")
    with contextlib.closing(subject), pytest.raises(Failed, match=f"^{name} of torch is left changed"):
        subject.refuses(naming=("low",))


@pytest.mark.parametrize("device", ["meta", "hpu"])  # one of them is not there
def test_a_setting_that_is_made_while_loading_is_no_change(put_back, device):
    source = LEFT.format(change="pass", back="torch.set_default_device(None)", end="return 1")
    source += f"torch.set_default_device({device!r})\n"
    subject = Student(InProcessChannel, Module("drawing", {"drawing": source.encode()}, {}), "draw", 0, "cpu")
    with contextlib.closing(subject):
        assert subject.call() == 1
