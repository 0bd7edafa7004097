# SPDX-License-Identifier: Apache-2.0
"""Slow, obvious twins of the compiled code, and toys to test with."""
