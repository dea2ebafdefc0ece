#!/usr/bin/env python3
"""Checks the tree's own laws, after a self-test that breaks each of them in a copy and expects the breach to be found.

Prints every breach with its place and exits with status 1 if there is one. The laws stand in tests/laws/laws_*.py; what
the tree looks like (levels, libraries, versions of caches) is data in tests/laws/tree.py.
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import laws_includes  # noqa: E402
import laws_links  # noqa: E402
import laws_page  # noqa: E402
import laws_shape  # noqa: E402
import tree_self_test  # noqa: E402


def breaches(root, formatted=True):
    """Returns every breach. Where `formatted` is False, clang-format is left out, which takes a few seconds."""
    return [*laws_shape.breaches(root), *laws_includes.breaches(root), *laws_links.breaches(root),
            *laws_page.breaches(root, formatted)]


def main():
    root = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
    found = breaches(root)
    print("\n".join(found) or f"tree laws hold: {len(laws_shape.units(root))} units")
    if found:
        return 1
    tree_self_test.run(root, breaches)
    print("each law, broken on purpose, is noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
