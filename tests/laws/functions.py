"""Finds the functions of a source file and how many lines each takes, its whole signature included."""
import ast
import functools
import re

SCOPES = re.compile(r"\b(namespace|class|struct|enum|union)\b|\bextern\s*$|extern\s+\"")
# This may stand between the closing bracket of a parameter list and the body.
QUALIFIERS = re.compile(
    r"(\s|\b(const|noexcept|override|final|mutable|try|HWY_ATTR)\b|&|->[^{;]*|\brequires\b[^{;]*)*$")

# These are comments, texts, templates and regular expressions of JavaScript; each may hold the marks of the others.
SCRIPT_TEXT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|"""
    r"""(?<=[(,=!:?&|\s])/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*""", re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


@functools.lru_cache(maxsize=None)
def without_text(source):
    """Returns the source with comments, literals and directives blank, so that its brackets are those of the code."""
    source = re.sub(r'R"(\w*)\((.*?)\)\1"', blank, source, flags=re.S)
    tokens = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\''
    source = re.sub(tokens, blank, source, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, source, flags=re.M)


def pairs(code):
    """Returns, for each opening bracket, the place of the bracket that closes it."""
    open_at, closed = [], {}
    for match in re.finditer(r"[{}]", code):
        if match.group() == "{":
            open_at.append(match.start())
        elif open_at:
            closed[open_at.pop()] = match.start()
    return closed


def outside_brackets(head):
    """Returns the head of a declaration without what stands in its round brackets, which become ()."""
    flat, depth = "", 0
    for character in head:
        depth += {"(": 1, ")": -1}.get(character, 0)
        flat += character if depth == 0 or (depth == 1 and character == "(") else ""
    return flat


def kind(head):
    """Says what the brace after `head` opens: a scope, a function, a value inside the head, or a value of its own."""
    flat = outside_brackets(re.sub(r"\b(public|private|protected):", "", head))
    if SCOPES.search(flat) and "()" not in flat:
        return "scope"
    plain = re.sub(r"operator\s*(\(\)|[^\s(]+)", "operator", flat)
    if "()" not in plain or re.search(r"(?<![=!<>])=(?!=)", plain):
        return "value"
    return "function" if QUALIFIERS.fullmatch(plain[plain.rindex("()") + 2:]) else "member"


def braced(source):
    """Returns (first line, number of lines) of every function of C++ that stands in no other."""
    code = without_text(source)
    closed, start, skipped = pairs(code), 0, 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if at < skipped:
            continue
        if match.group() != "{":
            start = at + 1
            continue
        found = kind(code[start:at])
        end = closed.get(at, len(code))
        if found == "scope":
            start = at + 1
        elif found == "function":
            head = re.sub(r"^(\s*(public|private|protected):)*\s*", "", code[start:at])
            first = code.count("\n", 0, at - len(head)) + 1
            yield first, code.count("\n", 0, end) + 2 - first
            start = skipped = end + 1
        else:  # it opens the initial value of a variable or member
            skipped = end + 1


def script(source):
    """Returns the same of JavaScript, for every function with a name, even inside another."""
    code = SCRIPT_TEXT.sub(blank, source)
    closed = pairs(code)
    for match in re.finditer(r"\bfunction\s+\w+\s*\([^)]*\)\s*\{", code):
        lines = code.count("\n", match.start(), closed.get(match.end() - 1, len(code))) + 1
        yield code.count("\n", 0, match.start()) + 1, lines


def python(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def lengths(path, source):
    """Returns (first line, number of lines) of every function of a file, and nothing for a language it cannot read."""
    readers = {".cpp": braced, ".hpp": braced, ".cu": braced, ".js": script, ".py": python}
    return readers.get(path.suffix, lambda text: ())(source)
