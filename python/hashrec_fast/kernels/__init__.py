# SPDX-License-Identifier: Apache-2.0
"""Typed, documented faces of the compiled kernels: numpy in, numpy out."""
