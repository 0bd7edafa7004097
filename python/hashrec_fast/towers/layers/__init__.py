# SPDX-License-Identifier: Apache-2.0
"""Layers that the networks of towers are made of."""
