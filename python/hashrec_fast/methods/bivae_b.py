# SPDX-License-Identifier: Apache-2.0
"""BiVAEB: signs of the means of a BiVAE, what its codes lose (baseline of HCFRec, IJCAI 2022).

Pointwise, two-stage with a forward approximation.
"""

from dataclasses import replace

from hashrec_fast.methods.bivae import RECIPE as BIVAE
from hashrec_fast.retrieval.similarities import Hamming
from hashrec_fast.training import ForwardApproximation

RECIPE = replace(
    BIVAE,
    name="BiVAEB",
    similarity=Hamming(by_bit=False),
    strategy=ForwardApproximation(solver=BIVAE.strategy.solver),
)
