"""Names of types: what users may pass that `numpy.typing.ArrayLike` is not, and arrays of floats."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.floating]
MatrixLike = npt.ArrayLike | sparse.sparray | sparse.spmatrix  # X, and y where it may be labels in several columns
