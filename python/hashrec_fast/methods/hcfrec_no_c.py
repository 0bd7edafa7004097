# SPDX-License-Identifier: Apache-2.0
"""HCFRec/no.C: HCFRec with nothing to keep clusters consistent (IJCAI 2022).

Pointwise, two-stage with a backward approximation: signs of the drawn rows in the loop.
"""

from dataclasses import replace

from hashrec_fast.methods.hcfrec import RECIPE as HCFREC

RECIPE = replace(
    HCFREC,
    name="HCFRec/no.C",
    objective=HCFREC.objective[:-1],  # the last term is Consistency
)
