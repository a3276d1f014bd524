"""What users may pass, as types; `numpy.typing.ArrayLike` is all that is not in here."""

import numpy.typing as npt
from scipy import sparse

MatrixLike = npt.ArrayLike | sparse.sparray | sparse.spmatrix  # X, and y where it may be labels in several columns
