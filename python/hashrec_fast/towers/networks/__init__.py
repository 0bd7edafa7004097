# SPDX-License-Identifier: Apache-2.0
"""The torch modules behind the towers."""
