# SPDX-License-Identifier: Apache-2.0
"""Plain numpy twins of the compiled kernels and small data, for tests and benchmarks."""
