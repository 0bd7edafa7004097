# SPDX-License-Identifier: Apache-2.0
"""Names of methods and strategies by what they yield, for type checkers.

Made by ``python tests/typing/method_names.py`` after a method or a strategy has come or gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from hashrec_fast import training

    HashStrategy: TypeAlias = (
        training.BackwardApproximation
        | training.ForwardApproximation
        | training.OneStage
        | training.Proximal
    )
    FloatStrategy: TypeAlias = training.FloatFactors

HashMethod = Literal[
    "abincf",
    "aecf",
    "aecf_sst",
    "bccf",
    "bgch",
    "bgch_plus",
    "bigear",
    "bihgh",
    "bivae_b",
    "cccf",
    "ccsr",
    "ccsr_sst",
    "cf_s",
    "cfcodereg",
    "cgh",
    "ch",
    "cigar",
    "dcf",
    "dcmf",
    "dcmf_logit",
    "ddl",
    "dfm",
    "dfmr",
    "dgcn_bincf",
    "djsrh",
    "djsrh_sst",
    "dlacf",
    "dlcf",
    "dlfm",
    "dlpr",
    "dmf",
    "dph",
    "dpr",
    "drmf",
    "dsfch",
    "dsr",
    "dtmf",
    "fhn",
    "fhn_plus",
    "hashgnn",
    "hashrec",
    "hcfrec",
    "hcfrec_no_c",
    "kg_sage",
    "lightfr",
    "mdcf",
    "mfdcf",
    "neuhash_cf",
    "nq",
    "pph",
    "sdmf",
    "sdsr",
    "srloss",
    "tsgnh",
    "vhphd",
    "wdcf",
]
"""Methods that yield codes."""

FloatMethod = Literal[
    "aecf_st",
    "bivae",
    "ccsr_st",
    "djsrh_st",
    "ials",
    "lightgcn",
    "mf_bpr",
    "simplex",
]
"""Methods that yield float factors."""
