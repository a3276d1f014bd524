"""
Autoencoders: compression, denoising, outliers
==============================================

An autoencoder reconstructs its input from a small code. This example compares codes of 8 units with 8 principal
components, denoises images, and detects outliers by their reconstruction error.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from sknn_scratch import Autoencoder
from sknn_scratch.inspection import CodeDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
rng = np.random.default_rng(0)


def show(rows, title):
    """Draw the first ten images of each kind, a kind a line."""
    figure, axes = plt.subplots(len(rows), 10, figsize=(8, 0.9 * len(rows)), layout="constrained")
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=False):
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle(title)


# %%
# Compression
# -----------

pca = PCA(8).fit(X)
deep = Autoencoder((64, 8), random_state=0).fit(X)
by_pca, by_network = pca.inverse_transform(pca.transform(X_test)), deep.reconstruct(X_test)
for name, images in {"PCA": by_pca, "autoencoder": by_network}.items():
    print(f"{name}: squared error of a test image {((images - X_test) ** 2).sum(axis=1).mean():.2f}")
show({"test images": X_test, "8 components": by_pca, "code of 8": by_network}, "Compression")

# %%
# The codes of each digit form groups, although training did not use the labels. They are shown by t-SNE, which
# preserves neighbourhoods.

CodeDisplay.from_estimator(deep, X_test, y_test, method="tsne")

# %%
# Denoising
# ---------
#
# In training, a third of the pixels are set to 0; the target is the complete image.

denoising = Autoencoder((128,), corruption=0.3, max_iter=60, random_state=0).fit(X)
noisy = X_test * (rng.random(X_test.shape) > 0.3)
cleaned = denoising.reconstruct(noisy / 0.7)  # as in training, where the others are divided by 1 - 0.3
show({"noisy": noisy, "cleaned": cleaned, "test images": X_test}, "Denoising")

# %%
# Outliers
# --------
#
# The outliers are digits whose pixels are randomly permuted, so that each has the same pixel values as a digit.

shuffled = rng.permuted(X_test, axis=1)
scores = deep.score_samples(np.concatenate([X_test, shuffled]))
is_digit = np.repeat([True, False], len(X_test))
print(f"area under the ROC curve: {roc_auc_score(is_digit, scores):.3f}")
figure, ax = plt.subplots(layout="constrained")
ax.hist([-scores[is_digit], -scores[~is_digit]], bins=40, label=["digits", "shuffled pixels"])
ax.set(xlabel="squared error of the reconstruction", ylabel="images")
ax.legend()
plt.show()
