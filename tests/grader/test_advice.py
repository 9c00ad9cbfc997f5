"""Advice: what stands in no right submission's message, and what a hostile text can't break."""

import importlib

import pytest

from grader import advice
from grader.collecting.limits import UnusableError
from grader.collecting.texts import checked
from grader.confined.loading import compiled, kind_of, load
from grader.paths import SOLUTIONS, topics
from grader.stubs import Form, forms_of

SOURCE = """
class Layer(Module):
    def __init__(self, dim: int, *, bias: bool = True) -> None: ...
    def forward(self, x: Tensor, *rest) -> Tensor: ...
    def _inner(self): ...
class Bare: ...
def double(x: Tensor, /, times: int = 2, **more) -> Tensor: ...
def lines():
    yield 1
def _helper(): ...
"""


def test_forms_name_parameters_without_types_and_self():
    forms = forms_of(SOURCE)
    assert list(forms) == ["Layer", "Bare", "double", "lines"]
    assert forms["Layer"].kind == "class"
    assert forms["Layer"].calls == {
        "Layer": "Layer(dim, *, bias=True)",
        "Layer.__init__": "Layer(dim, *, bias=True)",
        "Layer.forward": "forward(x, *rest)",
    }
    assert forms["Bare"].calls["Bare"] == "Bare()"
    assert forms["double"] == Form("function", {"double": "double(x, /, times=2, **more)"})
    assert forms["lines"].kind == "generator function"


@pytest.mark.parametrize("topic", topics())
def test_no_solution_is_said_to_be_of_another_kind(topic):
    source = (SOLUTIONS / f"{topic}.py").read_bytes()
    module = load(topic, {topic: source}, {topic: compiled(topic, source)})
    for task, form in forms_of(source.decode()).items():
        assert advice.on_kind(task, form, kind_of(module, task)) is None
        wrong = "function" if form.kind == "class" else "class"
        assert f"where the exercise asks for a {form.kind.split()[-1]}" in (advice.on_kind(task, form, wrong) or "")


def test_kinds_are_told_without_asking_the_value():
    class Liar:
        @property
        def __class__(self):
            raise SystemExit

    module = importlib.import_module("types").ModuleType("m")
    vars(module).update(liar=Liar(), sum=sum, none=None)
    assert [kind_of(module, name) for name in ("liar", "sum", "none", "gone")] == ["Liar", "callable", "NoneType", ""]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x = 1\n# \xe4\n", "line 2 holds the byte 0xe4"),
        (b"x = 1\r# \xe4", "line 2"),
        (b"\xff\xfex\0", "UTF-16"),
        (b"\xff\xfe\0\0x\0\0\0", "UTF-32"),
        (b"a\n\0", "line 2 holds null bytes"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"x = 1\ny = 1\n# coding: latin-1 \xe4", "line 3"),
    ],
)
def test_a_file_that_is_no_text_is_named(content, says):
    with pytest.raises(UnusableError, match=says):
        checked(content, "a.py")


@pytest.mark.parametrize(
    "content", [b"# coding: latin-1\n# \xe4", b"#!/x\n# -*- coding: latin-1 -*-\n\xe4", b"\xef\xbb\xbfx = 1"]
)
def test_a_file_that_names_its_encoding_is_taken(content):
    assert checked(content, "a.py") == content
