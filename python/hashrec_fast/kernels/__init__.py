# SPDX-License-Identifier: Apache-2.0
"""Typed numpy faces of the compiled core."""
