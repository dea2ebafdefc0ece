"""Laws of links: a wing links what it may include, and a test links the wing that it tests and includes no more."""
import re
from pathlib import Path

import tree
from laws_includes import included, room
from laws_shape import text_of


def linked(text):
    return re.findall(r"subbyte::(\w+)", text)


def rooms(target):
    return tree.TARGETS.get(target, [f"sim/{target}"])


def calls(text, name):
    """Yields the words in the brackets of every call of a CMake function."""
    return [match.group(1).split() for match in re.finditer(rf"^\s*{name}\(([^)]*)\)", text, re.M)]


def links_of(root):
    """Returns a map from each target to the targets that it links itself."""
    graph = {}
    for path in [*root.glob("*/CMakeLists.txt"), *root.glob("*/*/CMakeLists.txt")]:
        for words in calls(text_of(path), "subbyte_wing"):
            graph[words[0]] = linked(" ".join(words))
    return graph


def closure(graph, targets):
    seen, todo = set(), list(targets)
    while todo:
        target = todo.pop()
        if target not in seen:
            seen.add(target)
            todo += graph.get(target, [])
    return seen


def wings(root):
    """The links of a wing are among its levels, and all wings of its levels are reached."""
    graph = links_of(root)
    for wing, lower in tree.WINGS.items():
        place, allowed = f"sim/{wing}/CMakeLists.txt", tree.LEVELS[f"sim/{wing}"]
        for target in graph.get(wing, []):
            if not set(rooms(target)) & set(allowed):
                yield f"{place}: links subbyte::{target}, which is no level below it"
        for missing in sorted(set(lower) - {wing} - closure(graph, [wing])):
            yield f"{place}: may include sim/{missing}/, but does not link it"


def programs(root):
    """Returns a map from the source of each test to the targets that it links."""
    text = text_of(root / "tests/CMakeLists.txt")
    for folder, *words in calls(text, "subbyte_tests"):
        for source in (root / "tests" / folder).glob("*_test.cpp"):
            yield source.relative_to(root), linked(" ".join(words))
    for name, *readers in calls(text_of(root / "tests/fuzz/CMakeLists.txt"), "set"):
        for reader in readers if name.startswith("readers_of_") else []:
            yield Path(f"tests/fuzz/{reader}_fuzz.cpp"), [name.removeprefix("readers_of_")]


def test_links(root):
    known = set()
    for folder, *words in calls(text_of(root / "tests/CMakeLists.txt"), "subbyte_tests"):
        known.add(str(Path("tests") / folder))
        expected = tree.TEST_LINKS.get(folder, [folder.removeprefix("sim/")] if folder.startswith("sim/") else [])
        if linked(" ".join(words)) != expected:
            names = " ".join(f"subbyte::{target}" for target in linked(" ".join(words)))
            yield f"tests/{folder} links {names}, expected {' '.join(f'subbyte::{target}' for target in expected)}"
    for folder in sorted({str(path.parent.relative_to(root)) for path in root.glob("tests/**/*_test.cpp")} - known):
        yield f"{folder}: tests/CMakeLists.txt does not name it, so that its tests are not built"


def test_includes(root):
    graph, headers = links_of(root), {}
    for path, _, name in included(root):
        headers.setdefault(path, set()).add(name)
    for source, targets in programs(root):
        allowed = {place for target in closure(graph, targets) for place in rooms(target)} | {"tests"}
        seen, todo = set(), [str(source)]
        while todo:
            for name in headers.get(todo.pop(), set()) - seen:
                seen.add(name)
                if name.startswith("tests/"):
                    todo.append(name)
                elif (root / name).is_file() and room(name) not in allowed:
                    yield f"{source}: includes {name}, but links {' '.join(targets)}"


def breaches(root):
    return [*wings(root), *test_links(root), *test_includes(root)]
