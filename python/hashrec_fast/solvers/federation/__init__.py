# SPDX-License-Identifier: Apache-2.0
"""A simulated federation: devices that keep ratings and codes, a server that keeps item codes."""

from hashrec_fast.solvers.federation.channel import Channel
from hashrec_fast.solvers.federation.device import Device
from hashrec_fast.solvers.federation.fleet import Fleet
from hashrec_fast.solvers.federation.messages import BitErrors, BitFlips, ErrorVectors, ItemCodes
from hashrec_fast.solvers.federation.rounds import Plan, run_federation
from hashrec_fast.solvers.federation.server import Server

__all__ = [
    "BitErrors",
    "BitFlips",
    "Channel",
    "Device",
    "ErrorVectors",
    "Fleet",
    "ItemCodes",
    "Plan",
    "Server",
    "run_federation",
]
