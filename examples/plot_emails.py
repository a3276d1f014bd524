"""
Six e-mails, spam or not: the perceptron rule step by step
==========================================================

A perceptron is trained on six e-mails, one after the other. Each has five binary features: whether it contains the
words *and*, *viagra*, *the*, *of*, *nigeria*. The target is y = 1 for spam, y = -1 otherwise. If y (w x) <= 0, the
e-mail is misclassified, and eta y x is added to the weights w. Otherwise the weights do not change.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import PerceptronClassifier
from sknn_scratch.datasets import EMAIL_WORDS, load_emails

X, y = load_emails()

# %%
# One e-mail at a time
# --------------------
#
# Each call of ``partial_fit`` trains on one e-mail. The weights start at zero, where w x = 0 counts as a mistake.
# The settings are those of the lecture: eta = 1/2, no bias, the e-mails in their order.

perceptron = PerceptronClassifier(eta0=0.5, fit_intercept=False, shuffle=False)
path = [np.zeros(5)]
mistakes = []
print("e-mail   y  weights afterwards")
for i in range(6):
    perceptron.partial_fit(X[[i]], y[[i]], classes=[-1, 1])
    path.append(perceptron.coef_[0].copy())
    mistakes.append(perceptron.mistakes_[-1])
    print(f"  v{i + 1}    {y[i]:+d}  {path[-1]}  {'a mistake: moved' if mistakes[-1] else 'right: stays'}")

# %%
# All weights after each e-mail. At the end *viagra* and *nigeria* have positive weights (spam), *of* has a negative
# one, and the others are zero.

figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
image = ax.imshow(np.transpose(path), cmap="cividis", vmin=-1, vmax=1)
for step, weights in enumerate(path):
    for word, weight in enumerate(weights):
        ax.text(step, word, f"{weight:g}", ha="center", va="center", color="white" if weight < 0.3 else "black")
steps = [f"v{i + 1}\n{'moved' if wrong else 'right'}" for i, wrong in enumerate(mistakes)]
ax.set_xticks(range(7), ["start", *steps])
ax.set_yticks(range(5), EMAIL_WORDS)
figure.colorbar(image, ax=ax, label="weight", shrink=0.9)

# %%
# Training with ``fit``
# ---------------------
#
# ``fit`` stops after an epoch without a mistake. Here this is the second epoch.

perceptron.fit(X, y)
print("mistakes in each pass:", perceptron.mistakes_)
print("answers:", perceptron.predict(X), "wanted:", y)
plt.show()
