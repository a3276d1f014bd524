"""
MNIST with a small convolutional network
========================================

The network has two blocks of 5 x 5 kernels and one hidden layer with dropout. The training images are shifted and
rotated slightly, at random in each epoch. This takes minutes and is not run when this site is built. Pass the folder
with MNIST's four files::

    python examples/mnist_convnet.py FOLDER

The accuracy on the test set is printed after each epoch. It is only monitored: it affects neither the number of epochs
nor the weights.
"""

import sys

from sknn_scratch import ConvNetClassifier
from sknn_scratch.datasets import load_mnist
from sknn_scratch.nn.layers import RandomRotation, RandomShift

if len(sys.argv) != 2:
    raise SystemExit("usage: python examples/mnist_convnet.py FOLDER, the folder with MNIST's four files")
X, y, X_test, y_test = load_mnist(sys.argv[1])
net = ConvNetClassifier(
    (128,),
    filters=(16, 32),
    kernel_size=5,
    augment=[RandomShift(2), RandomRotation(10)],
    dropout=0.25,
    batch_size=32,
    learning_rate_init=0.002,
    max_iter=10,
    verbose=True,  # prints the loss and the accuracy on the training and the test images
    random_state=0,
)
net.fit(X, y, X_val=X_test, y_val=y_test)
print(f"test accuracy after {net.n_iter_} epochs: {net.score(X_test, y_test):.4f}")
