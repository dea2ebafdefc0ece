"""Pages of Markdown as data: blocks of commands with what they print, links, and what is said of a program."""
import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^```(\w*)\s*$")
MARK = re.compile(r"^<!--\s*(not run|nightly)\b\s*:?(.*?)(?:-->)?$")
EXIT_STATUS = re.compile(r"#\s*exit status (\d+)\s*$")


@dataclass
class Block:
    """Commands, and what they print. `mark` is "not run" or "nightly" where no test run runs them, and `reason` why."""
    line: int
    commands: str
    expected: str = None
    expected_line: int = 0
    mark: str = None
    reason: str = None

    @property
    def status(self):
        match = EXIT_STATUS.search(self.commands.rstrip().rsplit("\n", 1)[-1])
        return int(match.group(1)) if match else 0


@dataclass
class Page:
    blocks: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # (line, text)
    links: list = field(default_factory=list)  # (line, target)
    sayings: list = field(default_factory=list)  # (line, what follows `subbyte` in running text)


def read(text):
    page = Page()
    lines = text.splitlines()
    mark, last, number = None, None, 0  # the mark as (line, kind, reason)
    while number < len(lines):
        line = lines[number]
        number += 1
        fence = FENCE.match(line)
        if fence:
            start, body = number, []
            while number < len(lines) and lines[number].rstrip() != "```":
                body.append(lines[number])
                number += 1
            number += 1
            last = add_block(page, fence.group(1), start, "\n".join(body), mark, last)
            mark = mark if fence.group(1) != "sh" else None
            continue
        if not line.strip():
            continue
        last = None
        complain_of_mark(page, mark)
        mark = read_mark(page, line.strip(), number)
        if mark:
            continue
        page.links += [(number, target) for target in re.findall(r"\]\(([^)\s]+)\)", line)]
        page.sayings += [(number, saying) for saying in re.findall(r"`(?:build/)?subbyte ([^`]*)`", line)]
    complain_of_mark(page, mark)
    return page


def read_mark(page, line, number):
    match = MARK.match(line)
    if not match:
        return None
    reason = match.group(2).strip()
    if len(reason.split()) < 2:
        page.problems.append((number, f"'{match.group(1)}' gives no reason; write <!-- {match.group(1)}: REASON -->"))
    return number, match.group(1), reason


def complain_of_mark(page, mark):
    """A mark belongs to the block right behind it; this is called where something else follows."""
    if mark:
        page.problems.append((mark[0], f"'{mark[1]}' stands before no block of commands"))


def add_block(page, kind, line, body, mark, last):
    """Adds a block of commands, or the text that one prints; returns the block that a following `text` belongs to."""
    if kind == "sh":
        for early in body.rstrip().split("\n")[:-1]:
            if EXIT_STATUS.search(early):
                page.problems.append((line, "only the last command of a block can fail: nothing behind it is run"))
        _, why_left, reason = mark or (line, None, None)
        page.blocks.append(Block(line, body, mark=why_left, reason=reason))
        return page.blocks[-1]
    if kind == "text" and last is None:
        page.problems.append((line, "an expected output without commands before it"))
    elif kind == "text":
        last.expected, last.expected_line = body, line
    return None


def squeezed(line):
    return " ".join(line.split())


def pattern(line):
    return ".*".join(re.escape(part) for part in squeezed(line).split("..."))


def difference(expected, printed):
    """Says what the first difference is; returns nothing where there is none."""
    wanted = expected.rstrip().split("\n") if expected.strip() else []
    got = [squeezed(line) for line in printed.rstrip().split("\n")] if printed.strip() else []
    whole = "".join(r"(?:[^\n]*\n)*?" if line.strip() == "..." else pattern(line) + r"\n" for line in wanted)
    if re.fullmatch(whole, "".join(line + "\n" for line in got)):
        return None
    return first_difference(wanted, got)


def first_difference(wanted, got):
    at, anything = 0, False
    for line in wanted:
        if line.strip() == "...":
            anything = True
            continue
        found = next((i for i in range(at, len(got)) if re.fullmatch(pattern(line), got[i])), None)
        if found is None or (found > at and not anything):
            there = got[at] if at < len(got) else "nothing more"
            return f"the page says\n    {squeezed(line)}\n  and it prints\n    {there}"
        at, anything = found + 1, False
    return f"the page ends, and it prints\n    {got[at]}" if at < len(got) else "the lines are in another order"
