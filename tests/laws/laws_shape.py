"""Laws of the shape of the tree: the stem rule, numbers of files and lines, a README in every folder."""
import functools
import os
import re
from pathlib import Path

import functions
import tree

CODE = {".cpp", ".hpp", ".sv", ".py", ".cu", ".sh", ".cmake", ".js"}


def listed(root, name):
    """Returns the units that a list of kernels/ names."""
    return re.findall(r"^SUBBYTE_UNIT\((\w+)\)", (root / "kernels" / name).read_text(), re.M)


def units(root):
    """Returns the units, the machines that are composed of units, and the units without RTL."""
    return [unit for name in ("units.def", "machines.def", "without_rtl.def") for unit in listed(root, name)]


def files(root):
    """Returns every file of the tree that people write, as paths below `root`."""
    for folder, folders, names in os.walk(root):
        top = Path(folder) == root
        made = ("build", ".git", "out", "waves")
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not (top and name.startswith(made)))
        for name in sorted(names):
            if not (top and name.startswith(made)):
                yield (Path(folder) / name).relative_to(root)


@functools.lru_cache(maxsize=None)
def content(path, _stamp):
    return path.read_text()


def text_of(path):
    """Returns the text of a file, which is read once while it stays as it is."""
    status = path.stat()
    return content(path, (status.st_mtime_ns, status.st_size, status.st_ino))


def generated(path):
    return any(str(path) == place or str(path).startswith(place + "/") for place in tree.GENERATED)


def stem_rule(root):
    rows = re.findall(r'^    \{"(\w+)", ', (root / "models/catalogue.cpp").read_text(), re.M)
    if rows != units(root):
        yield (f"models/catalogue.cpp: rows {', '.join(rows)}; expected one for each line of kernels/units.def, "
               "machines.def and without_rtl.def, in their order")
    without_rtl = listed(root, "without_rtl.def")
    for unit in without_rtl:
        if (root / tree.RTL.format(unit)).is_file():
            yield f"{tree.RTL.format(unit)}: is there, so its line in kernels/without_rtl.def belongs in units.def"
    for unit in units(root):
        for twin in tree.TWINS:
            excused = twin == tree.RTL and unit in without_rtl
            if not excused and not (root / twin.format(unit)).is_file():
                yield f"{twin.format(unit)}: missing twin of unit '{unit}'"
        for twin in [*tree.TWINS, *tree.OPTIONAL_TWINS]:
            path = root / twin.format(unit)
            if path.is_file() and len(path.read_text().splitlines()) < tree.LEAST_LINES:
                yield f"{twin.format(unit)}: fewer than {tree.LEAST_LINES} lines of unit '{unit}' say nothing"


@functools.lru_cache(maxsize=None)
def lengths(path, text):
    return list(functions.lengths(path, text))


def long_functions(root):
    needed = set()
    for path in files(root):
        if path.suffix not in CODE or generated(path):
            continue
        for number, length in lengths(path, text_of(root / path)):
            if length <= tree.MOST_FUNCTION_LINES:
                continue
            excused = [place for place in tree.LONG_FUNCTIONS if f"{path}/".startswith(place + "/")]
            needed.update(excused)
            if not excused:
                yield f"{path}:{number}: a function of {length} lines, expected at most {tree.MOST_FUNCTION_LINES}"
    for place in sorted(set(tree.LONG_FUNCTIONS) - needed):
        yield f"tests/laws/tree.py: {place} has no long function any more, and needs no reason"


def sizes(root):
    for path in files(root):
        if path.suffix not in CODE or generated(path):
            continue
        lines = len(text_of(root / path).splitlines())
        if lines > tree.MOST_LINES:
            yield f"{path}: {lines} lines, expected at most {tree.MOST_LINES}"


def stem(name):
    return re.sub(r"(_simd|_sva|_test|_bench)?\.\w+$", "", name)


def folders(root):
    """Returns every folder that has files of its own, and their names."""
    found = {}
    for path in files(root):
        if len(path.parts) > 1 and not generated(path):
            found.setdefault(str(Path(*path.parts[:-1])), []).append(path.name)
    return found


def stems(root):
    names = units(root)
    for folder, held in folders(root).items():
        own = {stem(name) for name in held if name not in {"README.md", "CMakeLists.txt"}}
        own = {name for name in own if not any(name == unit or name.startswith(unit + "_") for unit in names)}
        if len(own) > tree.MOST_STEMS:
            yield f"{folder}: {len(own)} stems, expected at most {tree.MOST_STEMS}"


def readmes(root):
    for folder in folders(root):
        path = root / folder / "README.md"
        if folder.startswith((".ci", "docs")):
            continue
        if not path.is_file():
            yield f"{folder}/README.md: missing"
        elif len(path.read_text().splitlines()) > tree.MOST_README_LINES:
            lines = len(path.read_text().splitlines())
            yield f"{folder}/README.md: {lines} lines, expected at most {tree.MOST_README_LINES}"


def breaches(root):
    return [*stem_rule(root), *sizes(root), *long_functions(root), *stems(root), *readmes(root)]
