"""Public tests of tensor_init: run `pytest exercises/test_tensor_init.py` while you work on it."""

import math

import numpy as np
import pytest
import tensor_init
import torch
from torch.testing import assert_close


@pytest.mark.correctness
def test_from_rows_gives_float32_unless_told_otherwise():
    assert torch.equal(tensor_init.from_rows([[1, 2, 3], [4, 5, 6]]), torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert tensor_init.from_rows([[1, 2]]).dtype == torch.float32
    assert tensor_init.from_rows([[1, 2]], dtype=torch.int64).dtype == torch.int64


@pytest.mark.correctness
def test_from_rows_loses_no_digits():
    assert tensor_init.from_rows([0.1], dtype=torch.float64).item() == 0.1
    assert tensor_init.from_rows([2**53 + 1], dtype=torch.int64).item() == 2**53 + 1


@pytest.mark.correctness
def test_from_rows_of_an_empty_list_and_of_unequal_lengths():
    assert tensor_init.from_rows([]).shape == (0,)
    with pytest.raises(ValueError):  # noqa: PT011 -- any message will do
        tensor_init.from_rows([[1, 2], [3]])


@pytest.mark.gpu
def test_from_rows_sends_all_rows_at_once(device, trace):
    with trace() as seen:
        tensor = tensor_init.from_rows([[1, 2], [3, 4], [5, 6]], device=device)
    assert tensor.device.type == device
    assert torch.equal(tensor.cpu(), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert seen.to_device == 1


@pytest.mark.correctness
def test_share_array_shows_writes_on_both_sides():
    array = np.zeros((2, 3))
    tensor = tensor_init.share_array(array)
    array[0, 1] = 5
    assert tensor[0, 1] == 5
    tensor[1, 2] = 7
    assert array[1, 2] == 7


@pytest.mark.correctness
def test_share_array_keeps_dtype_and_shape():
    for array in (np.zeros(3), np.zeros((2, 1), np.float32), np.ones((1, 2), bool), np.zeros((0, 3), np.int16)):
        tensor = tensor_init.share_array(array)
        assert tensor.shape == array.shape
        assert tensor.numpy().dtype == array.dtype


@pytest.mark.correctness
def test_share_array_shares_a_transposed_array_too():
    array = np.zeros((2, 3)).T
    tensor = tensor_init.share_array(array)
    array[2, 0] = 5
    assert tensor[2, 0] == 5


@pytest.mark.correctness
def test_copy_array_does_not_show_later_writes():
    for dtype in (None, torch.float64, torch.float32):
        array = np.zeros(3)
        tensor = tensor_init.copy_array(array, dtype=dtype)
        array[:] = 5
        assert tensor.tolist() == [0, 0, 0]


@pytest.mark.correctness
def test_copy_array_keeps_the_dtype_unless_told_otherwise():
    array = np.array([[1.5, 2.5]])
    assert torch.equal(tensor_init.copy_array(array), torch.tensor([[1.5, 2.5]], dtype=torch.float64))
    assert torch.equal(tensor_init.copy_array(array, dtype=torch.float32), torch.tensor([[1.5, 2.5]]))


@pytest.mark.correctness
def test_normal_has_the_mean_and_the_standard_deviation():
    numbers = tensor_init.normal((100, 200), mean=5.0, std=3.0)
    assert numbers.shape == (100, 200)
    assert numbers.dtype == torch.float32
    assert abs(numbers.mean() - 5) < 0.2
    assert abs(numbers.std() - 3) < 0.2


@pytest.mark.correctness
def test_normal_takes_its_numbers_from_the_generator():
    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(1)
    first = tensor_init.normal((5,), generator=generator)
    second = tensor_init.normal((5,), generator=generator)
    again = tensor_init.normal((5,), generator=torch.Generator().manual_seed(1))
    assert torch.equal(first, again)
    assert not torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.correctness
def test_normal_takes_std_0_and_refuses_a_negative_one():
    assert tensor_init.normal((2,), mean=3.0, std=0.0).tolist() == [3, 3]
    assert tensor_init.normal(()).shape == ()
    with pytest.raises(ValueError, match="std"):
        tensor_init.normal((2,), std=-1.0)


@pytest.mark.gpu
def test_normal_is_drawn_on_the_device(device, trace):
    generator = torch.Generator(device).manual_seed(1)
    with trace() as seen:
        numbers = tensor_init.normal((100, 200), mean=5.0, std=3.0, generator=generator, device=device)
    assert numbers.device.type == device
    assert abs(numbers.cpu().mean() - 5) < 0.2
    assert seen.cpu_ops == []


@pytest.mark.correctness
def test_uniform_lies_between_low_and_high():
    numbers = tensor_init.uniform((100, 200), low=3.0, high=7.0)
    assert numbers.dtype == torch.float32
    assert 3 <= numbers.min() < 3.1
    assert 6.9 < numbers.max() <= 7
    assert abs(numbers.mean() - 5) < 0.1


@pytest.mark.correctness
def test_uniform_takes_its_numbers_from_the_generator():
    first, again = (tensor_init.uniform([5], generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    torch.manual_seed(2)
    first = tensor_init.uniform((5,))
    torch.manual_seed(2)
    assert torch.equal(tensor_init.uniform((5,)), first)


@pytest.mark.correctness
def test_uniform_takes_equal_bounds_and_refuses_swapped_ones():
    assert tensor_init.uniform((2,), low=3.0, high=3.0).tolist() == [3, 3]
    with pytest.raises(ValueError, match=r"(?i)low|high"):
        tensor_init.uniform((2,), low=3.0, high=2.0)


@pytest.mark.correctness
def test_band_reaches_to_either_side():
    rows = [[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    assert_close(tensor_init.band(4, 1), torch.tensor(rows), rtol=0, atol=0)


@pytest.mark.correctness
def test_band_of_any_width_and_size():
    assert torch.equal(tensor_init.band(3, 0), torch.eye(3))
    assert torch.equal(tensor_init.band(3, 9), torch.ones(3, 3))
    assert tensor_init.band(0, 1).shape == (0, 0)


@pytest.mark.gpu
def test_band_is_made_on_the_device(device, trace):
    with trace() as seen:
        matrix = tensor_init.band(5, 0, device=device)
    assert matrix.device.type == device
    assert torch.equal(matrix.cpu(), torch.eye(5))
    assert seen.cpu_ops == []
    assert seen.to_device == 0


@pytest.mark.speed
def test_band_beats_a_loop_three_times(times_faster):
    def loop():
        matrix = torch.zeros(100, 100)
        for i in range(100):
            for j in range(100):
                if abs(i - j) <= 60:
                    matrix[i, j] = 1

    assert times_faster(lambda: tensor_init.band(100, 60), loop) > 3


@pytest.mark.correctness
def test_causal_mask_lets_no_query_see_the_future():
    mask = tensor_init.causal_mask(3)
    assert torch.equal(mask, torch.tensor([[True, False, False], [True, True, False], [True, True, True]]))


@pytest.mark.correctness
def test_causal_mask_of_small_sizes():
    assert torch.equal(tensor_init.causal_mask(1), torch.tensor([[True]]))
    assert tensor_init.causal_mask(0).shape == (0, 0)


@pytest.mark.gpu
def test_causal_mask_is_made_on_the_device(device, trace):
    with trace() as seen:
        mask = tensor_init.causal_mask(2, device=device)
    assert mask.device.type == device
    assert mask.cpu().tolist() == [[True, False], [True, True]]
    assert seen.cpu_ops == []
    assert seen.to_device == 0


@pytest.mark.speed
def test_causal_mask_beats_a_loop_three_times(times_faster):
    def loop():
        mask = torch.zeros(100, 100, dtype=torch.bool)
        for i in range(100):
            for j in range(i + 1):
                mask[i, j] = True

    assert times_faster(lambda: tensor_init.causal_mask(100), loop) > 3


@pytest.mark.correctness
def test_xavier_uniform_keeps_to_its_bound():
    weight = tensor_init.xavier_uniform(50, 200, gain=2.0).detach()
    bound = 2.0 * math.sqrt(6 / 250)
    assert weight.shape == (50, 200)
    assert weight.dtype == torch.float32
    assert 0.95 * bound < weight.max() < 1.001 * bound
    assert -1.001 * bound < weight.min() < -0.95 * bound
    assert abs(weight.std() - bound / math.sqrt(3)) < 0.05 * bound


@pytest.mark.correctness
def test_xavier_uniform_can_be_trained():
    weight = tensor_init.xavier_uniform(2, 3)
    before = weight.detach().clone()
    optimizer = torch.optim.SGD([weight], lr=1.0)
    weight.sum().backward()
    optimizer.step()
    assert_close(weight.detach(), before - 1)


@pytest.mark.correctness
def test_xavier_uniform_takes_its_numbers_from_the_generator():
    before = torch.get_rng_state()
    one, two = (tensor_init.xavier_uniform(2, 3, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.gpu
def test_xavier_uniform_is_a_leaf_on_the_device(device, trace):
    with trace() as seen:
        weight = tensor_init.xavier_uniform(50, 200, device=device)
    assert weight.device.type == device
    assert weight.is_leaf
    assert weight.requires_grad
    assert weight.detach().cpu().abs().max() < 1.001 * math.sqrt(6 / 250)
    assert seen.cpu_ops == []


@pytest.mark.correctness
def test_describe_says_what_a_tensor_is():
    said = tensor_init.describe(torch.zeros(2, 3, dtype=torch.float64, requires_grad=True))
    assert isinstance(said["shape"], tuple)
    assert said["shape"] == (2, 3)
    assert said["dtype"] == torch.float64
    assert said["device"] == "cpu"
    assert said["requires_grad"] is True
    assert said["is_leaf"] is True
    assert tensor_init.describe(torch.zeros(2, requires_grad=True) * 2)["is_leaf"] is False


@pytest.mark.correctness
def test_describe_gives_the_item_of_a_single_element():
    assert tensor_init.describe(torch.tensor([[7]]))["item"] == 7
    assert isinstance(tensor_init.describe(torch.tensor([[7]]))["item"], int)
    assert tensor_init.describe(torch.tensor(0.5))["item"] == 0.5
    assert tensor_init.describe(torch.zeros(2))["item"] is None
    assert tensor_init.describe(torch.zeros(0))["item"] is None
