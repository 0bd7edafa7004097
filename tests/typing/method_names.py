# SPDX-License-Identifier: Apache-2.0
"""Write ``python/hashrec_fast/methods/_names.py`` anew: ``python tests/typing/method_names.py``."""

from pathlib import Path

from hashrec_fast import methods, training

FILE = Path(methods.__file__).with_name("_names.py")
TEMPLATE = '''\
# SPDX-License-Identifier: Apache-2.0
"""Names of methods and strategies by what they yield, for type checkers.

Made by ``python tests/typing/method_names.py`` after a method or a strategy has come or gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from hashrec_fast import training

    HashStrategy: TypeAlias = (
        {code_strategies}
    )
    FloatStrategy: TypeAlias = {float_strategies}

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
    strategies: dict[bool, list[str]] = {True: [], False: []}
    for name in training.__all__:
        part = getattr(training, name)
        if issubclass(part, training.Strategy) and part is not training.Strategy:
            strategies[part.is_binary].append(f"training.{name}")
    return TEMPLATE.format(
        codes="\n".join(kinds[True]),
        factors="\n".join(kinds[False]),
        code_strategies="\n        | ".join(strategies[True]),
        float_strategies=" | ".join(strategies[False]),
    )


def main() -> None:
    """Write the file."""
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
