# SPDX-License-Identifier: Apache-2.0
"""A row of an evaluation: a name, what is measured, what it should be."""
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Row:
    name: str
    unit: str
    target: Optional[str]  # "<= 48", ">= 30" or "118.6 +- 0.6"; None: told, not judged
    what: str
    measure: Callable  # (Context) -> (value, source command); raises NotAvailable

    def met(self, value):
        """True or False; None without a target or value."""
        if self.target is None or value is None:
            return None
        words = self.target.split()
        if words[1] == "+-":
            return abs(value - float(words[0])) <= float(words[2])
        relation, limit = words
        return value <= float(limit) if relation == "<=" else value >= float(limit)


def select(rows, only):
    """Rows whose name begins with one of `only`, all if empty. Raises ValueError for a beginning that fits none."""
    for prefix in only:
        if not any(row.name.startswith(prefix) for row in rows):
            raise ValueError(f"no row begins with '{prefix}'; --list names them")
    return [row for row in rows if not only or row.name.startswith(tuple(only))]
