"""Laws of includes: levels of the rooms, libraries in their rooms, no circle of files,
and versions of whole folders."""
import re
from pathlib import Path

import tree
from laws_shape import files


def room(path):
    """The room of a file: 'sim/cells', 'quant/base', 'kernels', 'models', 'tests'."""
    parts = Path(path).parts
    if parts[0] in {"sim", "quant"} or (parts[0] == "kernels" and len(parts) > 2):
        return "/".join(parts[:2])
    return parts[0]


def included(root):
    """(file, line number, what it includes) for every include of the tree."""
    for path in files(root):
        if path.suffix not in {".cpp", ".hpp", ".def"}:
            continue
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            match = re.match(r'\s*#include\s+[<"]([^>"]+)[>"]', line)
            if match:
                yield str(path), number, match.group(1)


def levels(root, found):
    rooms = {layer.split("/")[0] for layer in tree.LEVELS}
    for path, number, name in found:
        here = room(path)
        if here not in tree.LEVELS:
            yield f"{path}: the room {here} is not in tests/laws/tree.py"
            continue
        if name.split("/")[0] not in rooms or "/" not in name:
            continue
        there = room(name)
        if not (root / name).is_file():
            yield f"{path}:{number}: {name} is not there"
        elif there != here and there not in tree.LEVELS[here]:
            yield f"{path}:{number}: {here}/ includes {name}, allowed: {', '.join(sorted(tree.LEVELS[here]))}"


def foreign(found):
    for path, number, name in found:
        for pattern, homes in tree.FOREIGN.items():
            if re.match(pattern, name) and room(path) not in homes and not path.startswith("tests/"):
                yield f"{path}:{number}: {name} belongs in {', '.join(homes)}/ alone"


def stem_graph(found):
    graph = {}
    for path, _, name in found:
        source, target = re.sub(r"\.\w+$", "", path), re.sub(r"\.\w+$", "", name)
        if "/" in name and source != target and not name.endswith(".def"):
            graph.setdefault(source, set()).add(target)
    return graph


def circles(found):
    """Sets of files (a header and its source are one) that include each other, by Tarjan's algorithm."""
    graph = stem_graph(found)
    index, low, stack, state = {}, {}, [], {"next": 0}
    components = []

    def visit(node):
        index[node] = low[node] = state["next"]
        state["next"] += 1
        stack.append(node)
        for target in sorted(graph.get(node, ())):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = set()
            while True:
                component.add(stack.pop())
                if node in component:
                    break
            components.append(component)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    for component in components:
        if len(component) > 1:
            yield f"{', '.join(sorted(component))}: these files include each other in a circle"


def reachable(found, start):
    graph = {}
    for path, _, name in found:
        graph.setdefault(path, set()).add(name)
    seen, todo = set(), list(start)
    while todo:
        path = todo.pop()
        if path in seen or path not in graph and not path.endswith((".hpp", ".cpp")):
            continue
        seen.add(path)
        for name in graph.get(path, ()):
            todo += [name, name[:-4] + ".cpp"] if name.endswith(".hpp") else [name]
    return {path for path in seen if path in graph}


def versions(root, found):
    """Every file that a kept result can depend on is in a folder of its version, or in one with a reason not to be."""
    for name, version in tree.VERSIONS.items():
        wing = version["wing"]
        text = (root / wing / "CMakeLists.txt").read_text()
        call = re.search(rf"subbyte_version\({name} HEADER \S+ FOLDERS ([^)]*)\)", text)
        hashed = call.group(1).split() if call else []
        if hashed != version["folders"]:
            yield f"{wing}/CMakeLists.txt: the version {name} hashes {hashed}, expected {version['folders']}"
        for path in sorted(reachable(found, version["from"])):
            if str(Path(path).parent) not in hashed and room(path) not in version["reasons"]:
                yield f"{path}: the version {name} depends on it, but neither hashes its folder nor says why not"


def breaches(root):
    found = list(included(root))
    return [*levels(root, found), *foreign(found), *circles(found), *versions(root, found)]
