#!/usr/bin/env python3
"""Runs the commands of every page for readers and compares what they print (README.md of this folder).

SUBBYTE names the program. Arguments are pages to check instead of all.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import docs_self_test  # noqa: E402
import pages  # noqa: E402

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PROGRAM = Path(os.environ.get("SUBBYTE", ROOT / "build/subbyte")).resolve()
COPIED = ["configs", "rtl"]  # what commands read or copy by a path below the root
TIMEOUT_S = 300


def run(commands, folder):
    """Status, stdout and stderr of commands typed in a folder, with the program on the path."""
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", commands], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout, done.stderr


class Options:
    """What the program's own help says: which commands there are, and the options of each."""

    def __init__(self):
        self.help = {"": self.ask("--help")}

    @staticmethod
    def ask(*words):
        return subprocess.run([str(PROGRAM), *words], check=True, capture_output=True, text=True).stdout

    def problem(self, words):
        """Why the program does not know these words, or nothing."""
        verb = words.split()[0] if words.split() else ""
        if verb == "..." or verb.isupper() or verb in {"--help", "--version"}:
            return None
        if not re.search(rf"^  {re.escape(verb)} ", self.help[""], re.M):
            return f"`subbyte {verb}` is no command"
        if verb not in self.help:
            self.help[verb] = self.ask(verb, "--help")
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", words):
            if not re.search(rf"{re.escape(option)}(?![\w-])", self.help[verb]):
                return f"`subbyte {verb}` has no option {option}"
        return None


def typed(commands):
    """What follows `subbyte` in every command of a block that calls it, continued lines joined."""
    for line in re.sub(r"\\\n\s*", " ", commands).splitlines():
        match = re.match(r"\s*(?:build/)?subbyte\s+([^#|]*)", line)
        if match:
            yield match.group(1)


def run_block(block, folder):
    status, out, err = run(block.commands, folder)
    if status is None:
        return block.line, f"the commands ran longer than {TIMEOUT_S} s"
    if status != block.status:
        return block.line, f"exit status {status}, expected {block.status}; it said\n    {(err or out).strip()[-600:]}"
    different = None if block.expected is None else pages.difference(block.expected, out)
    return (block.expected_line, different) if different else None


def check_page(text, place, options, root=ROOT):
    """Every problem of a page as (line, text), and its blocks that are not run. `place`: its path below `root`."""
    page = pages.read(text)
    problems = list(page.problems)
    for line, target in page.links:
        file = target.split("#")[0]
        if file and "://" not in target and not (root / place).parent.joinpath(file).exists():
            problems.append((line, f"the link leads to {target}, which is not there"))
    said = page.sayings + [(b.line, words) for b in page.blocks if b.reason for words in typed(b.commands)]
    problems += [(line, why) for line, words in said for why in [options.problem(words)] if why]
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            if any(not block.reason and f"{name}" in block.commands for block in page.blocks):
                shutil.copytree(root / name, Path(folder) / name)
        for block in page.blocks:
            problem = None if block.reason else run_block(block, folder)
            if problem:  # the blocks behind it may need its files
                problems.append(problem)
                break
    return sorted(problems), [block for block in page.blocks if block.reason], len(page.blocks)


def check(place, options):
    start = time.monotonic()
    problems, left, blocks = check_page((ROOT / place).read_text(), place, options)
    print(f"{place}: {blocks - len(left)} blocks run in {time.monotonic() - start:.1f} s, {len(left)} not run",
          flush=True)
    return [f"{place}:{line}: {text}" for line, text in problems], [f"{place}:{b.line}: {b.reason}" for b in left]


def unlisted():
    index = (ROOT / "docs/README.md").read_text()
    return [f"docs/README.md: does not name {path.name}" for path in sorted((ROOT / "docs").glob("*.md"))
            if path.name != "README.md" and f"]({path.name})" not in index]


def main():
    docs_self_test.run(check_page, Options)
    pages_of_docs = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
    chosen = sys.argv[1:] or ["README.md", "CONTRIBUTING.md", *pages_of_docs]
    options = Options()
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        results = list(workers.map(lambda place: check(place, options), chosen))
    problems = [text for found, _ in results for text in found] + unlisted()
    left = [text for _, reasons in results for text in reasons]
    print(f"\n{len(left)} blocks are not run:", *left, sep="\n  ")
    print("\n".join(problems) or f"{len(chosen)} pages say what the program does")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
