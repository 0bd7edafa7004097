# SPDX-License-Identifier: Apache-2.0
"""Write ``python/hashrec_fast/methods/_names.py`` anew: ``python tests/typing/method_names.py``."""

from pathlib import Path

from hashrec_fast import methods

TEMPLATE = '''\
# SPDX-License-Identifier: Apache-2.0
"""Names of the methods by what they yield, for type checkers.

Made by ``python tests/typing/method_names.py`` after a method has come or gone.
"""

from __future__ import annotations

from typing import Literal

HashMethod = Literal[
{codes}
]
"""Methods that yield codes."""

FloatMethod = Literal[
{factors}
]
"""Methods that yield float factors."""
'''


def render() -> str:
    """The text of the file as the recipes want it."""
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for name in methods.available_methods():
        kinds[methods.load_recipe(name).is_binary].append(f'    "{name}",')
    return TEMPLATE.format(codes="\n".join(kinds[True]), factors="\n".join(kinds[False]))


def main() -> None:
    """Write the file."""
    file = Path(__file__).parents[2] / "python/hashrec_fast/methods/_names.py"
    file.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
