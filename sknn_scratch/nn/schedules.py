"""Schedules of the learning rate: pure functions of the progress of training."""

import math
from dataclasses import dataclass


class Schedule:
    """Base of the schedules; a subclass defines `rate`, one formula.

    Requirements: the rate depends only on the arguments, is positive, at most `base`, and proportional to it.
    """

    lowers_on_plateau = False  # whether a plateau lowers the rate instead of ending the training
    horizon = math.inf  # epochs until the last rate; before it a plateau shortens the schedule

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        """Return the learning rate of the next step.

        Parameters
        ----------
        base : float
            The largest learning rate.
        n_epochs : float
            Epochs so far, with the finished fraction of the current one.
        n_steps : int
            Steps of the solver so far.
        n_plateaus : int
            Plateaus of the loss so far.

        Returns
        -------
        float
            The learning rate.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """A constant learning rate."""

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base


@dataclass(frozen=True)
class StepDecay(Schedule):
    """The rate times `factor` every `every` epochs; halved every 10 epochs in the lecture (row 11).

    Parameters
    ----------
    every : int
        Epochs between two decreases.
    factor : float
        Factor of each decrease.
    """

    every: int = 10
    factor: float = 0.5

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base * self.factor ** (int(n_epochs) // self.every)


@dataclass(frozen=True)
class Inverse(Schedule):
    """A / (1 + k t) with t in epochs (lecture row 11).

    Parameters
    ----------
    k : float
        Decay per epoch.
    """

    k: float = 0.1

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base / (1 + self.k * int(n_epochs))


@dataclass(frozen=True)
class Exponential(Schedule):
    """A exp(-k t) with t in epochs (lecture row 11).

    Parameters
    ----------
    k : float
        Decay per epoch.
    """

    k: float = 0.1

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base * math.exp(-self.k * int(n_epochs))


@dataclass(frozen=True)
class InvScaling(Schedule):
    """A / t^power with t = 1, 2, ... the number of the step; scikit-learn's t counts samples instead.

    Parameters
    ----------
    power : float
        Exponent.
    """

    power: float = 0.5

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base / (n_steps + 1) ** self.power


@dataclass(frozen=True)
class Adaptive(Schedule):
    """The rate divided by 5 at each plateau of the loss, as scikit-learn's `learning_rate="adaptive"`."""

    lowers_on_plateau = True

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base / 5**n_plateaus


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from A to `floor` times A over `horizon` epochs (Loshchilov and Hutter 2017, arXiv:1608.03983).

    Beyond the horizon the rate is constant.

    Parameters
    ----------
    horizon : int
        Number of epochs until the final rate is reached.
    floor : float
        The final rate, as a fraction of the initial rate.
    """

    horizon: int = 200
    floor: float = 0.1

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, n_epochs / self.horizon)))
        return base * (self.floor + (1 - self.floor) * fall)


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line from A to `floor` times A over `horizon` epochs; beyond the horizon the rate is constant.

    Parameters
    ----------
    horizon : int
        Number of epochs until the final rate is reached.
    floor : float
        The final rate, as a fraction of the initial rate.
    """

    horizon: int = 100
    floor: float = 0.01

    def rate(self, base: float, n_epochs: float, n_steps: int, n_plateaus: int) -> float:
        return base * max(self.floor, 1 - n_epochs / self.horizon)
