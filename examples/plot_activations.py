"""
Activations and their derivatives
=================================

The backward pass multiplies the gradient by the derivative of the activation. Logistic and tanh saturate: their
derivatives are nearly 0 far from 0. The derivatives of the others tend to 1 for large inputs. The output below the
picture gives each derivative at 2 and its tenth power, the factor that ten such layers put on a gradient.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch.nn.layers import ELU, GELU, LeakyReLU, Logistic, Mish, ReLU, SiLU, Softplus, Tanh

groups = {
    "saturating": [Logistic(), Tanh()],
    "rectifiers": [ReLU(), LeakyReLU(0.1), ELU(), Softplus()],
    "not monotone": [GELU(), SiLU(), Mish()],
}
x = np.linspace(-5, 5, 501)
figure, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, layout="constrained")
for (title, activations), (top, bottom) in zip(groups.items(), axes.T, strict=True):
    for activation, style in zip(activations, ["-", "--", "-.", ":"], strict=False):
        y = activation.activate(x, np.empty_like(x))
        top.plot(x, y, style, label=type(activation).__name__)
        slopes = activation.slope(x, y)
        bottom.plot(x, slopes, style)
        print(f"{type(activation).__name__:9} f'(2) = {slopes[350]:.3f}, to the power of 10: {slopes[350] ** 10:.2g}")
    top.set(title=title, ylim=(-1.3, 4.5))
    top.legend(loc="upper left")
    bottom.set(xlabel="x", ylim=(-0.25, 1.25))
axes[0, 0].set_ylabel("f(x)")
axes[1, 0].set_ylabel("f'(x)")
plt.show()
