"""A difference is the slope of a function, measured by evaluating it: what every gradient is compared with."""

import numpy as np

STEP = 1e-4  # keep this times the direction away from kinks


def slope(f, x, direction):
    """Return the slope of f at x along a direction: central differences of fourth order, good to about 1e-11."""
    near, far = (f(x + h * direction) - f(x - h * direction) for h in (STEP, 2 * STEP))
    return (8 * near - far) / (12 * STEP)


def assert_gradient(f, x, gradient, rng):
    """Compare a gradient of f at x with the slopes of f along random directions, to a relative 1e-6."""
    assert gradient.shape == x.shape
    assert gradient.any()
    for _ in range(3):
        direction = rng.normal(size=x.shape)
        np.testing.assert_allclose(np.vdot(gradient, direction), slope(f, x, direction), rtol=1e-6)
