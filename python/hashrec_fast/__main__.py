# SPDX-License-Identifier: Apache-2.0
"""The command ``hashrec`` as ``python -m hashrec_fast``."""

from hashrec_fast.cli import main

if __name__ == "__main__":
    main(prog_name="hashrec")
