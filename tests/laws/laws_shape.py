"""Laws of the shape of the tree: the stem rule, numbers of files and lines, a README in every folder."""
import re
from pathlib import Path

import tree

CODE = {".cpp", ".hpp", ".sv", ".py", ".cu", ".sh", ".cmake", ".js"}


def units(root):
    text = (root / "kernels/units.def").read_text()
    return re.findall(r"^SUBBYTE_UNIT\((\w+)\)", text, re.M)


def files(root):
    """Every file of the tree that people write, as paths below `root`."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        top = relative.parts[0]
        built = top.startswith(("build", ".git", "out", "waves")) or "__pycache__" in relative.parts
        if path.is_file() and not built:
            yield relative


def generated(path):
    return any(str(path) == place or str(path).startswith(place + "/") for place in tree.GENERATED)


def stem_rule(root):
    rows = re.findall(r'^    \{"(\w+)", ', (root / "models/catalogue.cpp").read_text(), re.M)
    if rows != units(root):
        yield (f"models/catalogue.cpp: rows {', '.join(rows)}; expected one for each line of kernels/units.def, "
               "in its order")
    for unit in units(root):
        for twin in tree.TWINS:
            if not (root / twin.format(unit)).is_file():
                yield f"{twin.format(unit)}: missing twin of unit '{unit}'"
        for twin in [*tree.TWINS, *tree.OPTIONAL_TWINS]:
            path = root / twin.format(unit)
            if path.is_file() and len(path.read_text().splitlines()) < tree.LEAST_LINES:
                yield f"{twin.format(unit)}: fewer than {tree.LEAST_LINES} lines of unit '{unit}' say nothing"


def function_lengths(path, text):
    """Length of every function in a file that clang-format made: from the line that opens it to its closing brace."""
    lines = text.splitlines()
    opening = re.compile(
        r"^(\s*)(?!namespace|class|struct|enum|union|extern|if|for|while|switch|do|else|try|return|\}|//|case)"
        r"\S.*\)(?: const)?(?: noexcept)?(?: override)?(?: try)?(?: : .*)? \{$")
    for number, line in enumerate(lines):
        match = opening.match(line)
        if not match or (match.group(1) and len(match.group(1)) > 2) or " = [" in line:
            continue
        for end in range(number + 1, len(lines)):
            if lines[end].startswith(match.group(1) + "}"):
                yield number + 1, end - number + 1
                break


def sizes(root):
    for path in files(root):
        if path.suffix not in CODE or generated(path):
            continue
        text = (root / path).read_text()
        lines = len(text.splitlines())
        if lines > tree.MOST_LINES:
            yield f"{path}: {lines} lines, expected at most {tree.MOST_LINES}"
        if path.suffix in {".cpp", ".hpp"} and path.parts[0] != "tests":
            for number, length in function_lengths(path, text):
                if length > tree.MOST_FUNCTION_LINES:
                    yield f"{path}:{number}: a function of {length} lines, expected at most {tree.MOST_FUNCTION_LINES}"


def stem(name):
    return re.sub(r"(_simd|_sva|_test|_bench)?\.\w+$", "", name)


def folders(root):
    """Every folder with files of its own, and their names."""
    found = {}
    for path in files(root):
        if len(path.parts) > 1 and not generated(path):
            found.setdefault(str(Path(*path.parts[:-1])), []).append(path.name)
    return found


def stems(root):
    names = units(root)
    for folder, held in folders(root).items():
        if folder in tree.MANY_STEMS or folder.startswith("configs"):
            continue
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
    return [*stem_rule(root), *sizes(root), *stems(root), *readmes(root)]
