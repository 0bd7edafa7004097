# SPDX-License-Identifier: Apache-2.0
"""Solvers on the compiled core: discrete coordinate descent and float factors (no torch)."""

from hashrec_fast.solvers.box_als import BoxALS
from hashrec_fast.solvers.component_dcd import ComponentDCD
from hashrec_fast.solvers.dcd import DCD
from hashrec_fast.solvers.dfm import DFM, fm_scores
from hashrec_fast.solvers.federated_dcd import FederatedDCD
from hashrec_fast.solvers.implicit_als import ImplicitALS, Teacher
from hashrec_fast.solvers.listwise_dcd import ListwiseDCD
from hashrec_fast.solvers.multi_view_alm import MultiViewALM
from hashrec_fast.solvers.orthogonal_factors import OrthogonalFactors
from hashrec_fast.solvers.pairwise_dcd import PairwiseDCD
from hashrec_fast.solvers.pph_als import PPHALS
from hashrec_fast.solvers.rating_als import RatingALS
from hashrec_fast.solvers.self_paced_dcd import SelfPacedDCD
from hashrec_fast.solvers.whole_data import Schedule, WholeDataLoss
from hashrec_fast.solvers.whole_data_dcd import Variant, WholeDataDCD

__all__ = [
    "DCD",
    "DFM",
    "PPHALS",
    "BoxALS",
    "ComponentDCD",
    "FederatedDCD",
    "ImplicitALS",
    "ListwiseDCD",
    "MultiViewALM",
    "OrthogonalFactors",
    "PairwiseDCD",
    "RatingALS",
    "Schedule",
    "SelfPacedDCD",
    "Teacher",
    "Variant",
    "WholeDataDCD",
    "WholeDataLoss",
    "fm_scores",
]
