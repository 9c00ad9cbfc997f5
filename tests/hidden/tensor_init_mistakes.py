"""What the known mistakes of random tasks draw: the law of each, by its name."""

import math

from hidden.tensor_init_laws import Law, cut_off, normal_law, uniform_law


def both(bound: float) -> Law:
    """Uniform on either side of 0."""
    return uniform_law(-bound, bound)


def normal_mistakes(mean: float, std: float) -> dict[str, Law]:
    """Where numbers with this mean and standard deviation were asked for."""
    return {
        "std is taken for the variance": normal_law(mean, math.sqrt(std)),
        "scaled by the variance, where std is meant": normal_law(mean, std**2),
        "mean is left out": normal_law(0, std),
        "std is left out": normal_law(mean, 1),
        "mean and std are left out": normal_law(0, 1),
        "mean is scaled by std too": normal_law(mean * std, std),
        "the tails are cut off": cut_off(mean, std),
        "mean and std are swapped": normal_law(std, abs(mean)),
        "uniform numbers, where normal ones are meant": uniform_law(mean, mean + std),
        "uniform numbers around the mean, where normal ones are meant": uniform_law(mean - std / 2, mean + std / 2),
        "uniform numbers within one std of the mean, where normal ones are meant": uniform_law(mean - std, mean + std),
        "uniform numbers with the right mean and std, where normal ones are meant": uniform_law(
            mean - math.sqrt(3) * std, mean + math.sqrt(3) * std
        ),
    }


def uniform_mistakes(low: float, high: float) -> dict[str, Law]:
    """Where numbers from [low, high) were asked for."""
    return {
        "scaled by high, where high - low is meant": uniform_law(low + high, low),
        "scaled by low - high, so that the numbers lie below low": uniform_law(2 * low - high, low),
        "low is left out": uniform_law(0, high - low),
        "low and high are left out": uniform_law(0, 1),
        "low is scaled by the width too": uniform_law(low * (high - low), (low + 1) * (high - low)),
        "shifted, but not scaled": uniform_law(low, low + 1),
        "reaches from low - width to low + width": uniform_law(2 * low - high, high),
        "normal numbers, where uniform ones are meant": normal_law(low, high - low),
    }


def xavier_mistakes(rows: int, columns: int, gain: float) -> dict[str, Law]:
    """Where a weight of this shape was asked for."""
    bound = math.sqrt(6 / (rows + columns))
    return {
        "gain is left out": both(bound),
        "the bound counts fan_in alone": both(gain * math.sqrt(6 / columns)),
        "the bound counts fan_out alone": both(gain * math.sqrt(6 / rows)),
        "the bound counts fan_in alone, as if fan_out were equal to it": both(gain * math.sqrt(3 / columns)),
        "the bound counts fan_out alone, as if fan_in were equal to it": both(gain * math.sqrt(3 / rows)),
        "the standard deviation is taken for the bound": both(gain * bound / math.sqrt(3)),
        "normal numbers with Xavier's deviation, where uniform ones are meant": normal_law(
            0, gain * bound / math.sqrt(3)
        ),
        "normal numbers, where uniform ones are meant": normal_law(0, gain * bound),
        "only half of the range: no number on the other side of 0": uniform_law(0, gain * bound),
        "the bound lacks the square root": both(gain * bound**2),
        "gain is put below the square root": both(math.sqrt(gain) * bound),
        "between -1 and 1, without the bound": both(1),
        "between 0 and 1, without the bound": uniform_law(0, 1),
        "a bound for the whole width, of which each side gets half": both(gain * bound / 2),
    }
