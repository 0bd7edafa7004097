# SPDX-License-Identifier: Apache-2.0
"""The plain sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.quantizers.base import Quantizer, State


@dataclass(frozen=True, kw_only=True)
class Sign(Quantizer):
    """Signs ``+1`` where ``x >= 0``, else ``-1``.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.quantizers import Sign
    >>> Sign().signs(np.array([[-0.5, 0.0, 2.0]]), "user", {})
    array([[False,  True,  True]])
    """

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs; see :meth:`Quantizer.signs`."""
        del side, state
        return np.asarray(real >= 0)
