# SPDX-License-Identifier: Apache-2.0
"""Learning to hash for recommendation: binary codes, exact Hamming retrieval, compiled solvers."""

from hashrec_fast import _core

__version__: str = _core.__version__
