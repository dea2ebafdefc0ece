"""Small pages, right and wrong in every way that docs_check.py knows: each must be found to be what it is."""
import tempfile
from pathlib import Path


def page(commands, printed=None, before="", after=""):
    text = before + f"```sh\n{commands}\n```\n"
    return text + (f"\n```text\n{printed}\n```\n" if printed is not None else "") + after


LINES = "printf 'one  1\\ntwo 2\\nthree 3\\n'"
RIGHT = [
    page(LINES, "one 1\ntwo   2\nthree 3"),
    page(LINES, "one ...\n...\nthree 3"),
    page(LINES, "..."),
    page(LINES, "...\nthree ..."),
    page("echo", ""),
    page("cd / && false  # exit status 1"),
    page("echo said >&2; exit 2  # exit status 2", ""),
    page("echo kept > file") + page("cat file", "kept"),
    page("subbyte units --json", before="<!-- not run: a reason -->\n\n"),
    page("exit 3", before="<!-- nightly: it takes an hour -->\n"),
    page("subbyte units --json | cut -c 1", "{"),
    "See [it](../README.md) and `subbyte units --json`, `subbyte COMMAND --help`.\n",
]
WRONG = [  # (page, what must be said of it)
    (page(LINES, "one 1\ntwo 3\nthree 3"), "the page says\n    two 3\n  and it prints\n    two 2"),
    (page(LINES, "one 1\nthree 3"), "and it prints\n    two 2"),
    (page(LINES, "one 1\n...\nfour 4"), "the page says\n    four 4"),
    (page(LINES, "one 1\ntwo 2"), "the page ends, and it prints\n    three 3"),
    (page(LINES, "one 1\ntwo 2\nthree 3\nfour 4"), "nothing more"),
    (page(LINES, ""), "the page ends, and it prints\n    one 1"),
    (page("true", "one"), "nothing more"),
    (page("false\ntrue"), "exit status 1, expected 0"),
    (page("true  # exit status 1"), "exit status 0, expected 1"),
    (page("false | true"), "exit status 1, expected 0"),
    (page("false  # exit status 1\ntrue"), "only the last command"),
    ("Text.\n\n```text\none\n```\n", "without commands"),
    (page("true", after="Text.\n\n```text\none\n```\n"), "without commands"),
    ("<!-- not run: a reason -->\n\nText.\n", "stands before no block"),
    ("<!-- not run: a reason -->\n", "stands before no block"),
    ("<!-- nightly: a reason -->\n\nText.\n", "stands before no block"),
    (page("exit 3", before="<!-- not run: -->\n"), "gives no reason"),
    (page("exit 3", before="<!-- not run -->\n"), "gives no reason"),
    (page("exit 3", before="<!--not run: long-->\n"), "gives no reason"),
    (page("exit 3", before="<!-- nightly: -->\n"), "gives no reason"),
    (page("subbyte units --jason", before="<!-- nightly: a reason -->\n"), "no option --jason"),
    (page("subbyte units --jason", before="<!-- not run: a reason -->\n"), "no option --jason"),
    (page("subbyte unit", before="<!-- not run: a reason -->\n"), "is no command"),
    (page("subbyte units \\\n  --jason", before="<!-- not run: a reason -->\n"), "no option --jason"),
    ("Say `subbyte units --jason`.\n", "no option --jason"),
    ("Say `subbyte unit`.\n", "is no command"),
    ("See [it](nothing.md).\n", "the link leads to nothing.md"),
]


def run(check_page, make_options):
    options = make_options()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "README.md").write_text("# One\n")
        for text in RIGHT:
            problems = check_page(text, "docs/a.md", options, root).problems
            assert not problems, f"a right page is said to be wrong: {problems}\n{text}"
        for text, said in WRONG:
            problems = check_page(text, "docs/a.md", options, root).problems
            assert any(said in why for _, why in problems), f"expected '{said}', got {problems}\n{text}"
        marks_are_heeded(check_page, options, root)
    print(f"{len(WRONG)} wrong pages are noticed, {len(RIGHT)} right ones pass")


def marks_are_heeded(check_page, options, root):
    """A nightly run runs the blocks that are left to it and none that is never run."""
    text = "".join(page("exit 3", before=f"<!-- {mark}: a reason -->\n") for mark in ("not run", "nightly"))
    day, night = (check_page(text, "docs/a.md", options, root, nightly) for nightly in (False, True))
    assert [len(day.times), len(day.left), day.problems] == [0, 2, []], day
    assert [len(night.times), len(night.left)] == [1, 1] and "exit status 3" in night.problems[0][1], night
