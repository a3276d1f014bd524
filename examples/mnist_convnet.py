"""
MNIST, as well as a small convolutional network can
===================================================

Two blocks of 5 x 5 kernels, one hidden layer with dropout, and training images that are shifted and turned a little,
afresh in each epoch. This takes minutes and is not run with this site. Give it the folder with MNIST's four files::

    python examples/mnist_convnet.py FOLDER

The accuracy on the test images is printed after each epoch. They are only watched: they neither stop nor choose.
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
