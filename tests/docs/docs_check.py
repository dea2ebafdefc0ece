#!/usr/bin/env python3
"""Runs the commands of every page for readers and compares what they print (README.md of this folder).

SUBBYTE names the program.
  docs_check.py [PAGE ...]   checks these pages instead of all
  docs_check.py --nightly    also runs the blocks that take minutes, on the pages that have some
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import docs_self_test  # noqa: E402
import pages  # noqa: E402

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PROGRAM = Path(os.environ.get("SUBBYTE", ROOT / "build/subbyte")).resolve()
COPIED = ["configs", "rtl"]  # what commands read or copy by a path below the root
TIMEOUT_S, NIGHTLY_TIMEOUT_S = 300, 7200


def run(commands, folder, timeout_s):
    """Types commands in a folder, with the program on the path; returns their status, stdout and stderr."""
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", commands], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL)
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
        """Says why the program does not know these words, and returns nothing where it knows them."""
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
    """Yields what follows `subbyte` in every command of a block that calls it; continued lines are joined first."""
    for line in re.sub(r"\\\n\s*", " ", commands).splitlines():
        match = re.match(r"\s*(?:build/)?subbyte\s+([^#|]*)", line)
        if match:
            yield match.group(1)


def run_block(block, folder):
    timeout_s = NIGHTLY_TIMEOUT_S if block.mark else TIMEOUT_S
    status, out, err = run(block.commands, folder, timeout_s)
    if status is None:
        return block.line, f"the commands ran longer than {timeout_s} s"
    if status != block.status:
        return block.line, f"exit status {status}, expected {block.status}; it said\n    {(err or out).strip()[-600:]}"
    different = None if block.expected is None else pages.difference(block.expected, out)
    return (block.expected_line, different) if different else None


@dataclass
class Checked:
    """What came of a page."""
    place: str
    problems: list  # (line, text)
    left: list  # the blocks that were not run
    times: list  # seconds of each block that was run

    def line(self):
        times = ", ".join(f"{seconds:.1f}" for seconds in self.times)
        count = {mark: sum(block.mark == mark for block in self.left) for mark in ("nightly", "not run")}
        return (f"{self.place}: {len(self.times)} blocks run" + (f" in {times} s" if times else "") +
                f", {count['nightly']} left to the nightly run, {count['not run']} not run")


def run_blocks(blocks, root):
    """Runs blocks in one new folder until one fails, because those behind it may need its files.

    Returns the problems, and the seconds that each block took.
    """
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            if any(name in block.commands for block in blocks):
                shutil.copytree(root / name, Path(folder) / name)
        for block in blocks:
            start = time.monotonic()
            problem = run_block(block, folder)
            times.append(time.monotonic() - start)
            if problem:
                return [problem], times
    return [], times


def check_page(text, place, options, root=ROOT, nightly=False):
    """Returns everything that is wrong with a page, and what was run of it. `place` is its path below `root`."""
    page = pages.read(text)
    problems = list(page.problems)
    for line, target in page.links:
        file = target.split("#")[0]
        if file and "://" not in target and not (root / place).parent.joinpath(file).exists():
            problems.append((line, f"the link leads to {target}, which is not there"))
    left = [block for block in page.blocks if block.mark and not (nightly and block.mark == "nightly")]
    said = page.sayings + [(block.line, words) for block in left for words in typed(block.commands)]
    problems += [(line, why) for line, words in said for why in [options.problem(words)] if why]
    wrong, times = run_blocks([block for block in page.blocks if block not in left], root)
    return Checked(place, sorted(problems + wrong), left, times)


def check(place, options, nightly):
    checked = check_page((ROOT / place).read_text(), place, options, nightly=nightly)
    print(checked.line(), flush=True)
    return checked


def unlisted():
    index = (ROOT / "docs/README.md").read_text()
    return [f"docs/README.md: does not name {path.name}" for path in sorted((ROOT / "docs").glob("*.md"))
            if path.name != "README.md" and f"]({path.name})" not in index]


def report(results):
    """Prints what was left, with its reasons, and what is wrong; returns the exit status."""
    for mark, what in (("nightly", "left to tests/nightly.py"), ("not run", "never run")):
        left = [f"{checked.place}:{block.line}: {block.reason}" for checked in results for block in checked.left
                if block.mark == mark]
        print(f"\n{len(left)} blocks are {what}:", *left, sep="\n  ")
    problems = [f"{checked.place}:{line}: {text}" for checked in results for line, text in checked.problems]
    problems += unlisted()
    run_count, seconds = (sum(count(checked.times) for checked in results) for count in (len, sum))
    print(f"\n{run_count} blocks were run, which took {seconds:.0f} s of their own")
    print("\n".join(problems) or f"{len(results)} pages say what the program does")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="the path of a page below the root of the tree")
    parser.add_argument("--nightly", action="store_true", help="also run the blocks that take minutes")
    arguments = parser.parse_args()
    docs_self_test.run(check_page, Options)
    pages_of_docs = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
    chosen = arguments.pages or ["README.md", "CONTRIBUTING.md", *pages_of_docs]
    if arguments.nightly:
        chosen = [place for place in chosen if "<!-- nightly" in (ROOT / place).read_text()]
    options = Options()
    with ThreadPoolExecutor(1 if arguments.nightly else os.cpu_count()) as workers:
        return report(list(workers.map(lambda place: check(place, options, arguments.nightly), chosen)))


if __name__ == "__main__":
    sys.exit(main())
