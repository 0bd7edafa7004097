# SPDX-License-Identifier: Apache-2.0
"""Quantisers: how the real factors of a two-stage method become codes (no torch)."""

from hashrec_fast.quantizers.base import Quantizer
from hashrec_fast.quantizers.itq import ITQ
from hashrec_fast.quantizers.median import Median
from hashrec_fast.quantizers.norm_bits import NormBits
from hashrec_fast.quantizers.norm_levels import NormLevels
from hashrec_fast.quantizers.sign import Sign

__all__ = ["ITQ", "Median", "NormBits", "NormLevels", "Quantizer", "Sign"]
