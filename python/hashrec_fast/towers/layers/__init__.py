# SPDX-License-Identifier: Apache-2.0
"""Pieces that the networks of several towers are made of."""
