#!/usr/bin/env python3
"""Opens the report page in headless Chromium, as wide as on a desktop and on a phone, light and dark, with real records
and with hand-made ones that have every chart.

It prints what was checked, and exits with 1 at the first thing that is wrong. It needs chromium, chromium-driver and
python3-selenium.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import selenium  # noqa: F401
except ImportError:
    if Path(sys.executable).resolve() != Path("/usr/bin/python3").resolve() and Path("/usr/bin/python3").exists():
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])  # the system's Python has Debian's packages
    sys.exit("report_page_check: python3-selenium is missing (./bootstrap.sh packages)")

import report_page_browser as page
import report_page_costs as costs
import report_page_drawn as drawn
import report_page_records as handmade
import report_page_tables as tables
import report_page_verdict as opening

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SUBBYTE = os.environ.get("SUBBYTE", str(ROOT / "build/subbyte"))
BUNDLE = "4dce0adf1339c743379b50f42b5e8e451e8446b745218dce1226c74d6ad41f9d"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def expect(truth, message):
    if not truth:
        raise AssertionError(message)


def check_library():
    folder = ROOT / "reports/page"
    found = hashlib.sha256((folder / "echarts.min.js").read_bytes()).hexdigest()
    expect(found == BUNDLE,
           f"echarts.min.js has hash {found}, expected {BUNDLE}: rebuild it (reports/README.md) and pin the new hash")
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    for name, version in wanted.items():
        expect(locked[f"node_modules/{name}"]["version"] == version,
               f"{name}: package.json and package-lock.json disagree")
    for name, entry in locked.items():
        expect(not name or entry["integrity"].startswith("sha512-"), f"{name}: no integrity in package-lock.json")
        expect(entry.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"),
               f"{name}: from {entry.get('resolved')}")
    expect((folder / "NOTICE").read_text() in (folder / "echarts.min.js").read_text(),
           "echarts.min.js does not begin with its licences")


def real_records(folder):
    """Makes records by commands that need no Verilator and little time."""
    formats = ",".join([*costs.COSTS, "mxfp4", "nvfp4"])
    commands = {"survey": ["survey", "--format", formats, "--tokens", "2000"],
                "energy": ["energy", "--unit", "group_dequant"],
                "synth": ["synth", "--unit", "group_dequant"]}
    made = []
    for name, command in commands.items():
        record = folder / ("synth/record.json" if name == "synth" else f"{name}.json")
        where = ["--out", str(folder / "synth")] if name == "synth" else ["--record", str(record)]
        done = subprocess.run([SUBBYTE, *command, *where], capture_output=True, text=True)
        expect(done.returncode == 0, f"subbyte {' '.join(command)} failed: {done.stderr}")
        made.append(record)
    return made


def report(out, paths, title):
    costs.run(SUBBYTE, "report", *map(str, paths), "--title", title, "--out", str(out))
    return out


def make_page(folder, real):
    paths = []
    for i, record in enumerate(handmade.records()):
        paths.append(folder / f"handmade{i}.json")
        paths[-1].write_text(json.dumps(record))
    paths += real
    return report(folder / "report.html", paths, f"Report {handmade.EVIL}"), opening.load(paths)


FACTS = ["model: .*embedded", r"loss: \d+ tokens", r"date: 20\d\d-\d\d-\d\d", r"version: subbyte \d",
         "machine: .*cores"]
DEMO = {"name": "the demo's page",
        "question": "Which number format suits the model embedded, and what does it cost on bitmod-8x8?",
        "choice": [r"nats/token .*µJ and .* µs per token on 11\.5 mm², [\d.]+ % of the energy of int8",
                   r"0\.001 nats/token"],
        "missing": ["mxfp4, nvfp4"], "facts": FACTS, "rows": 5, "figures": 6, "named": ["int8", "bitmod-fp3"],
        "intervals": True}
OWN = {"name": "a person's page",
       "question": "Which number format suits the model embedded, and what does it cost on 2 designs?",
       "choice": [r"nats/token .*µJ and .* µs per token for this layer alone on .* mm²", r"0\.001 nats/token"],
       "missing": ["nf4"], "facts": FACTS, "rows": None, "figures": 6, "named": [], "intervals": True}


def check_openings(browser, folder, survey):
    """Checks the verdict of the demo's records, of a person's own, and of a page without costs."""
    for wanted, paths in ((DEMO, [survey, *costs.demo_costs(folder)]),
                          (OWN, costs.own_records(folder, SUBBYTE, ROOT))):
        url = report(folder / "opening.html", paths, wanted["name"]).as_uri()
        opening.check_opening(browser, url, opening.load(paths), wanted)
    opening.check_missing(browser, report(folder / "bits.html", [survey], "Only losses").as_uri())


def check_width_and_scheme(browser, url, size, scheme, records):
    browser.show(url, SIZES[size], scheme)
    where = f"{size}, {scheme}"
    expect(not (errors := browser.console_errors()), f"{where}: console says {errors}")
    expect(not (loads := browser.other_requests(url)), f"{where}: the page asked for {loads}")
    overflow = browser.run("return document.documentElement.scrollWidth - innerWidth")
    expect(overflow <= 0, f"{where}: the page is {overflow} px wider than the window")
    charts = browser.charts()
    wanted = sum(len(r.get(kind, [])) for r in records for kind in ("scatters", "treemaps", "bars", "rooflines"))
    own = browser.run("return document.querySelectorAll('details.record figure[data-chart]').length")
    expect(own == wanted, f"{where}: the records have {own} charts, expected {wanted}")
    for chart in charts:
        title, marks = chart["title"], chart["drawn"]
        # Bars of a measured breakdown may be thinner than a pixel.
        right = marks == handmade.MARKS[title] if title in handmade.MARKS else 0 < marks <= chart["announced"]
        expect(right, f"{where}: '{title}' shows {marks} marks")
    expect(not (low := browser.low_contrast()), f"{where}: text below a contrast of 4.5: {low}")
    drawn.check_roofs(browser, records)
    drawn.check_points(browser, where)
    drawn.check_intervals(browser, where)
    drawn.check_names(browser, where)
    drawn.check_tables_fit(browser, where)
    for title in handmade.MARKS:
        text = browser.hover(title, browser.points(title)[0])
        expect("Source:" in text or "clock" in text, f"{where}: the tooltip of '{title}' has no source: {text!r}")
    return len(charts)


def main():
    missing = [program for program in ("chromium", "chromedriver") if not shutil.which(program)]
    expect(not missing,
           f"{' and '.join(missing)} not found: install chromium and chromium-driver (./bootstrap.sh packages)")
    check_library()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = real_records(folder)
        out, records = make_page(folder, real)
        url = out.as_uri()
        with page.Browser(folder) as browser:
            for size in SIZES:
                for scheme in ("light", "dark"):
                    charts = check_width_and_scheme(browser, url, size, scheme, records)
            page.check_tooltips(browser, url, records[0])
            tables.check_tables(browser, url, records, folder)
            page.check_live_changes(browser, url)
            page.check_texts_are_data(browser, url, handmade.EVIL)
            page.check_without_script(browser, url, records)
            page.check_the_checks(browser, out, folder)
            opening.check_abbreviations(browser, url)
            check_openings(browser, folder, real[0])
        count = sum(len(r["tables"]) for r in records)
        print(f"report page of {out.stat().st_size} bytes: {charts} charts and {count} tables at {len(SIZES)} widths "
              "in light and dark; tooltips, sorting, filter, CSV, legends, themes, hostile texts, no script")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AssertionError as error:
        sys.exit(f"report_page_check: {error}")
