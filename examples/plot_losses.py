"""
Losses and their derivatives
============================

The derivative of a loss says how strongly an error changes the network. That of the squared error grows with the error;
those of the absolute error, Huber's loss and the quantile loss are bounded, so outliers have less influence.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch.nn.losses import AbsoluteError, Focal, Huber, Quantile, SquaredError

error = np.linspace(-3, 3, 301)[:, None]
losses = {
    "squared error": SquaredError(),
    "absolute error": AbsoluteError(),
    "Huber, δ = 1": Huber(1.0),
    "quantile, q = 0.9": Quantile(0.9),
}
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
for (name, loss), style in zip(losses.items(), ["-", "--", "-.", ":"], strict=True):
    values, derivatives = loss.rows(np.zeros_like(error), error)
    left.plot(error, values, style, label=name)
    middle.plot(error, derivatives, style)
left.set(title="loss", xlabel="error, prediction - target", ylim=(0, 4))
left.legend(loc="upper center")
middle.set(title="derivative", xlabel="error, prediction - target")

# %%
# The focal loss reduces the loss of rows that are classified well, here with two classes. γ = 0 is the cross-entropy.

raw = np.linspace(-5, 5, 301)[:, None]
for gamma, style in {0: "-", 1: "--", 2: "-."}.items():
    focal = Focal(gamma, link="logistic")
    probability, (values, _) = focal.predict(raw)[:, 0], focal.rows(np.ones_like(raw), raw)
    right.plot(probability, values, style, label=f"γ = {gamma}")
    print(f"gamma = {gamma}: loss at a probability of 0.9 {np.interp(0.9, probability, values):.4f}")
right.set(title="focal loss", xlabel="probability of the true class")
right.legend()
plt.show()
