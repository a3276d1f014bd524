"""
Schedules of the learning rate
==============================

A schedule gives the learning rate of each step, as a share of ``learning_rate_init``. Here an epoch has 20 steps.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch.nn.schedules import Constant, Cosine, Exponential, Inverse, InvScaling, Linear, StepDecay

schedules = {
    '"constant"': Constant(),
    '"step"': StepDecay(),
    '"inverse"': Inverse(),
    '"exponential"': Exponential(),
    '"invscaling"': InvScaling(),
    '"cosine"': Cosine(horizon=50),
    "Linear": Linear(horizon=50),
}
n_steps = np.arange(1200)
styles = ["-", "--", "-.", ":", "-", "--", "-."]
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for (name, schedule), style in zip(schedules.items(), styles, strict=True):
    rates = [schedule.rate(1.0, n / 20, n, 0) for n in n_steps]
    ax.plot(n_steps / 20, rates, style, label=name)
    print(f"{name:13} after 10 epochs {rates[200]:.3f}, after 50 {rates[1000]:.3f}")
ax.set(title="Schedules of the learning rate", xlabel="epochs", ylabel="rate / learning_rate_init", ylim=(0, 1.05))
ax.legend(loc="upper right", bbox_to_anchor=(1, 0.95))
plt.show()
