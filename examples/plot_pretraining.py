"""
Few labels, many images: layer-wise pre-training
================================================

A network of logistic units is trained on few labelled digits. Its hidden layers are initialised at random, or
pre-trained without labels, one after the other, on all images of the training set, as in the first deep networks of
2006.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import Autoencoder, BernoulliRBM, MLPClassifier

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0)
logistic = {"hidden_layer_sizes": (100, 100), "activation": "logistic"}
networks = {
    "logistic units": MLPClassifier(**logistic),
    "logistic units, BernoulliRBM": MLPClassifier(
        **logistic, pretrain=BernoulliRBM(n_iter=15, n_chains=10, persistent=False)
    ),
    "logistic units, denoising autoencoder": MLPClassifier(
        **logistic, pretrain=Autoencoder(corruption=0.2, max_iter=15)
    ),
    "ReLU": MLPClassifier((100, 100)),
}
numbers = [20, 100, 500]
figure, ax = plt.subplots(layout="constrained")
for name, network in networks.items():
    unlabeled = {} if network.pretrain is None else {"X_unlabeled": X}
    scores = []
    for n in numbers:
        fits = [
            network.set_params(random_state=seed)
            .fit(X[seed : n + seed], y[seed : n + seed], **unlabeled)
            .score(X_test, y_test)
            for seed in range(2)
        ]
        scores.append(np.mean(fits))
    print(f"{name}: " + ", ".join(f"{score:.3f}" for score in scores))
    ax.plot(numbers, scores, "o-", label=name)
ax.set(xscale="log", xlabel="labelled images", ylabel="test accuracy, mean of 2 seeds")
ax.legend()

# %%
# Pre-training helps if there are few labels. With many labels, and with ReLU, there is little to gain: such networks
# train well from random weights, which is why layer-wise pre-training is rarely used today.

plt.show()
