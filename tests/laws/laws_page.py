"""Laws of the page: columns of every text file, widths of Markdown, and clang-format for every C++ file."""
import subprocess

import tree
from laws_shape import files, generated, text_of

TEXT = {".cpp", ".hpp", ".def", ".sv", ".py", ".sh", ".cmake", ".txt", ".yaml", ".js", ".css", ".ys", ".tcl", ".cff"}


def columns(root):
    for path in files(root):
        if path.suffix not in TEXT or generated(path):
            continue
        for number, line in enumerate(text_of(root / path).splitlines(), 1):
            if len(line) > tree.MOST_COLUMNS:
                yield f"{path}:{number}: {len(line)} columns, expected at most {tree.MOST_COLUMNS}"


def markdown(root):
    for path in files(root):
        if path.suffix != ".md" or generated(path):
            continue
        code = False
        for number, line in enumerate(text_of(root / path).splitlines(), 1):
            if line.lstrip().startswith("```"):
                code = not code
            if code or line.lstrip().startswith("|") or " " not in line.strip():
                continue  # it is code, a row of a table, or one long word, which no line break shortens
            if len(line) > tree.MOST_MARKDOWN_COLUMNS:
                yield f"{path}:{number}: {len(line)} columns, expected at most {tree.MOST_MARKDOWN_COLUMNS}"


def formatting(root):
    sources = [str(path) for path in files(root) if path.suffix in {".cpp", ".hpp"}]
    run = subprocess.run(["clang-format-14", "--dry-run", *sources], cwd=root, capture_output=True, text=True)
    for line in run.stderr.splitlines():
        if "-Wclang-format-violations" in line or run.returncode != 0:
            yield line.replace("warning: code should be clang-formatted", "clang-format would change it")


def breaches(root, formatted):
    return [*columns(root), *markdown(root), *(formatting(root) if formatted else [])]
