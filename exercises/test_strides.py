"""Public tests of strides: run `pytest exercises/test_strides.py` while you work on strides.py."""

import pytest
import strides
import torch


@pytest.mark.correctness
def test_row_major_strides():
    assert strides.row_major_strides((2, 3, 4)) == (12, 4, 1)
    assert strides.row_major_strides([5, 7]) == (7, 1)
    assert strides.row_major_strides(()) == ()
    assert isinstance(strides.row_major_strides((2, 3)), tuple)


@pytest.mark.correctness
def test_row_major_strides_count_size_0_as_1():
    for shape in ((2, 0, 3), (0,), (4, 0)):
        assert strides.row_major_strides(shape) == torch.empty(shape).stride()


@pytest.mark.correctness
def test_offset_of():
    assert strides.offset_of((1, 2), (10, 3)) == 16
    assert strides.offset_of((1, 2), (10, 3), 5) == 21
    assert strides.offset_of((), (), 5) == 5
    turned = torch.arange(12).reshape(3, 4)[1:].t()
    assert strides.offset_of((2, 1), turned.stride(), turned.storage_offset()) == turned[2, 1]


@pytest.mark.correctness
def test_offset_of_refuses_different_lengths():
    assert strides.offset_of((1, 2), (3, 1)) == 5
    with pytest.raises(ValueError):  # noqa: PT011 (any message will do)
        strides.offset_of((1, 2), (3,))
    with pytest.raises(ValueError):  # noqa: PT011
        strides.offset_of((1,), (3, 1))


@pytest.mark.correctness
def test_is_row_major():
    assert strides.is_row_major((2, 3, 4), (12, 4, 1))
    assert not strides.is_row_major((3, 2), (1, 3))
    assert not strides.is_row_major((2, 3), (4, 1))
    assert strides.is_row_major((), ())


@pytest.mark.correctness
def test_is_row_major_with_sizes_0_and_1():
    assert strides.is_row_major((2, 1, 3), (3, 99, 1))
    assert strides.is_row_major((0, 3), (1, 5))
    assert not strides.is_row_major((2, 1, 3), (6, 99, 1))


@pytest.mark.correctness
def test_flat_view_shares_memory():
    x = torch.arange(6.0).reshape(2, 3)
    flat = strides.flat_view(x)
    assert torch.equal(flat, torch.arange(6.0))
    flat[4] = 70.0
    assert x[1, 1] == 70
    x[0, 0] = -1.0
    assert flat[0] == -1


@pytest.mark.correctness
def test_flat_view_of_tensors_that_are_not_contiguous():
    row = torch.arange(10)
    every_other = strides.flat_view(row[1::2])
    every_other[0] = 99
    assert row[1] == 99
    column = torch.arange(6).reshape(3, 2)[:, 1:]
    assert torch.equal(strides.flat_view(column), torch.tensor([1, 3, 5]))
    assert strides.flat_view(torch.tensor(3.0)).shape == (1,)
    assert strides.flat_view(torch.empty(0, 4)).shape == (0,)


@pytest.mark.correctness
def test_flat_view_refuses_what_only_a_copy_can_do():
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(strides.flat_view(x), torch.arange(6.0))
    for view in (x.t(), x[:, :2], torch.arange(3.0).expand(2, 3)):
        with pytest.raises(ValueError, match="x"):
            strides.flat_view(view)


@pytest.mark.correctness
def test_reshape_copies():
    x = torch.arange(24.0).reshape(2, 3, 4)
    assert not strides.reshape_copies(x, (6, 4))
    assert strides.reshape_copies(x.transpose(0, 1), (6, 4))
    assert not strides.reshape_copies(x.transpose(0, 1), (3, 2, 2, 2))
    assert not strides.reshape_copies(x[..., ::2], (12,))
    assert strides.reshape_copies(x[..., 1:], (18,))
    assert not strides.reshape_copies(torch.empty(0, 3).t(), (0,))
    assert torch.equal(x, torch.arange(24.0).reshape(2, 3, 4))


@pytest.mark.correctness
def test_windows():
    expected = torch.tensor([[0, 1, 2], [2, 3, 4], [4, 5, 6]])
    assert torch.equal(strides.windows(torch.arange(8), 3, step=2), expected)
    assert strides.windows(torch.zeros(2, 5, 7), 4).shape == (2, 5, 4, 4)
    assert torch.equal(strides.windows(torch.arange(4), 4), torch.arange(4).reshape(1, 4))


@pytest.mark.correctness
def test_windows_copy_nothing():
    room = torch.arange(40.0).reshape(8, 5)
    x = room.t()[1:, ::2]  # 4 × 4, with strides of its own
    found = strides.windows(x, 3)
    assert torch.equal(found[2], torch.stack([x[2, 0:3], x[2, 1:4]]))
    x[2, 1] = -7.0
    assert found[2, 0, 1] == found[2, 1, 0] == -7
    found[3, 0, 0] = -8.0
    assert x[3, 0] == -8


@pytest.mark.correctness
def test_windows_refuses_bad_sizes():
    x = torch.arange(5.0)
    assert strides.windows(x, 5).shape == (1, 5)
    for size in (6, 0, -1):
        with pytest.raises(ValueError, match="size"):
            strides.windows(x, size)
    for step in (0, -1):
        with pytest.raises(ValueError, match="step"):
            strides.windows(x, 2, step)


@pytest.mark.gpu
def test_windows_stays_on_the_device(device, trace):
    x = torch.arange(10.0).to(device)
    with trace() as seen:
        found = strides.windows(x, 4, 3)
    assert found.device.type == torch.device(device).type
    assert torch.equal(found.cpu(), torch.arange(10.0).unfold(0, 4, 3))
    assert not seen.cpu_ops
    assert seen.to_host == seen.to_device == seen.readbacks == 0


@pytest.mark.speed
def test_windows_without_a_loop(times_faster):
    x, size, step = torch.arange(300_000.0), 2_000, 500

    def loop():
        starts = range(0, len(x) - size + 1, step)
        return torch.stack([x[start : start + size] for start in starts])

    assert torch.equal(strides.windows(x, size, step), loop())
    ratio = times_faster(lambda: [strides.windows(x, size, step) for _ in range(20)], loop)
    assert ratio > 1, "20 calls of yours must take less time than one loop over the windows"


@pytest.mark.correctness
def test_pack_transpose():
    x = torch.tensor([[1, 2, 3], [4, 5, 6]])
    packed = strides.pack_transpose(x)
    assert torch.equal(packed, torch.tensor([[1, 4], [2, 5], [3, 6]]))
    assert packed.is_contiguous()


@pytest.mark.correctness
def test_pack_transpose_owns_its_memory():
    for x in (torch.arange(6).reshape(2, 3), torch.arange(6).reshape(2, 3).t(), torch.arange(3).reshape(1, 3)):
        packed = strides.pack_transpose(x)
        assert torch.equal(packed, x.t())
        x[0, 1] = 99
        assert packed[1, 0] != 99


@pytest.mark.correctness
def test_diagonal():
    wide = torch.arange(12).reshape(3, 4)
    assert torch.equal(strides.diagonal(wide), torch.tensor([0, 5, 10]))
    assert torch.equal(strides.diagonal(wide.t()), torch.tensor([0, 5, 10]))
    assert torch.equal(strides.diagonal(wide[1:, ::2]), torch.tensor([4, 10]))
    assert strides.diagonal(torch.empty(0, 3)).shape == (0,)


@pytest.mark.correctness
def test_diagonal_is_writable():
    x = torch.zeros(4, 3)
    strides.diagonal(x)[:] = 5.0
    assert torch.equal(x, torch.eye(4, 3) * 5)
