"""Laws of includes: rooms keep their levels, libraries and starts of programs stay in their rooms, no files include
each other in a circle, and the versions of kept results hash whole folders."""
import re
from pathlib import Path

import functions
import tree
import versions
from laws_shape import files, text_of


def room(path):
    """Returns the room of a file, such as 'sim/cells', 'quant/base', 'kernels', 'models' or 'tests'."""
    parts = Path(path).parts
    if parts[0] in {"sim", "quant"} or (parts[0] == "kernels" and len(parts) > 2):
        return "/".join(parts[:2])
    return parts[0]


def included(root):
    """Yields (file, line number, what it includes) for every include of the tree."""
    for path in files(root):
        if path.suffix not in {".cpp", ".hpp", ".def"}:
            continue
        for number, line in enumerate(text_of(root / path).splitlines(), 1):
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
    """Returns sets of files (a header and its source are one) that include each other, by Tarjan's algorithm."""
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


def reachable(sources, found, start):
    """Returns all files that those of `start` depend on: what they include, and the sources that define what a header
    declares. These are the one of its name and, in its folder, those that include it and have no header of theirs."""
    graph, defines = {}, {}
    for path, _, name in found:
        graph.setdefault(path, set()).add(name)
        if path.endswith(".cpp") and path[:-4] + ".hpp" not in sources and Path(path).parent == Path(name).parent:
            defines.setdefault(name, set()).add(path)
    seen, todo = set(), list(start)
    while todo:
        path = todo.pop()
        if path in seen or path not in sources:
            continue
        seen.add(path)
        todo += [*graph.get(path, ()), *defines.get(path, ()), re.sub(r"\.hpp$", ".cpp", path)]
    return seen


def unhashed(version, hashed, sources, found):
    """Finds files that a version depends on without hashing or excusing them, and reasons that excuse nothing."""
    used = set()
    for path in sorted(reachable(sources, found, version["from"])):
        folder, stem = f"{Path(path).parent}/", re.sub(r"\.\w+$", "", path)
        reasons = {folder, stem} & set(version["reasons"])
        used |= reasons
        if folder[:-1] not in hashed and not reasons:
            yield f"{path}: the version NAME depends on it, but neither hashes its folder nor says why not"
    for reason in [name for name in version["reasons"] if name not in used]:
        yield f"tests/laws/versions.py: NAME does not depend on {reason}, which needs no reason"


def hashes(root, found):
    """Every file that a kept result can depend on is in a folder of its version, or has a reason not to be."""
    sources = {str(path) for path in files(root) if path.suffix in {".cpp", ".hpp", ".def"}}
    for name, version in versions.VERSIONS.items():
        text = (root / version["wing"] / "CMakeLists.txt").read_text()
        call = re.search(rf"subbyte_version\({name} HEADER \S+ FOLDERS ([^)]*)\)", text)
        hashed = call.group(1).split() if call else []
        if hashed != version["folders"]:
            yield (f"{version['wing']}/CMakeLists.txt: the version {name} hashes {hashed}, "
                   f"expected {version['folders']}")
        for start in version["from"]:
            if start not in sources:
                yield f"{start}: the version {name} is of it, but it is not there"
        for line in unhashed(version, hashed, sources, found):
            yield line.replace("NAME", name)


def starts(root):
    """Programs are started in one place, which closes descriptors, ends children and reads what they say."""
    for path in files(root):
        if path.suffix not in {".cpp", ".hpp"} or path.parts[0] == "tests" or str(path) == tree.STARTER:
            continue
        code = functions.without_text(text_of(root / path))
        for match in re.finditer(tree.STARTS_PROGRAMS, code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {match.group(1)} belongs in {tree.STARTER} alone"


def targets(found):
    """A file that knows Highway's targets includes our choice of them first."""
    for path, number, name in found:
        if re.match(r"hwy/(targets|highway|foreach_target)\.h", name) and path != "quant/base/simd_targets.hpp":
            before = {other for file, line, other in found if file == path and line < number}
            if "quant/base/simd_targets.hpp" not in before:
                yield f"{path}:{number}: {name} comes before quant/base/simd_targets.hpp"


def breaches(root):
    found = list(included(root))
    return [*levels(root, found), *foreign(found), *starts(root), *targets(found), *circles(found),
            *hashes(root, found)]
