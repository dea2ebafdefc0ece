"""What report_page_check.py checks of the page's opening: the question, the choice, five rows at most, the chart of
loss against energy, the words that explain themselves, and that the rest is folded."""
import json
import re

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from report_page_browser import CHARTS, expect, plain

SIZES = ((390, 844), (1400, 900))


def cells(table):
    names = [column["name"] for column in table["columns"]]
    return [dict(zip(names, row)) for row in table["rows"]]


def bare(name):
    """Returns the name of a format without its group."""
    return re.sub(r":g\w+", "", name)


def losses(record):
    table = next(t for t in record["tables"] if {"format", "bits per weight"} <= {c["name"] for c in t["columns"]})
    key = "above FP32" if record["kind"] == "evaluate" else "loss increase"
    return {bare(row["format"]): row[key] for row in cells(table) if row[key] is not None}


def energies(records):
    """Returns microjoules per token as (format, energy), from sweeps or from runs of all layers."""
    for record in records:
        if record["kind"] == "sweep":
            yield from ((bare(row["format"]), row["energy per token"]) for row in cells(record["tables"][0]))
        if record["kind"] == "simulate" and record["provenance"].get("layers") == "all":
            metric = next((m["value"] for m in record["metrics"] if m["name"] == "energy_per_token"), None)
            if metric is not None:
                yield bare(record["provenance"]["format"]), 1e6 * metric


def joined(records):
    """Returns the points that the chart must have. A loss below 0.0001 lies on 0.0001."""
    known = next(losses(r) for r in records if r["kind"] in ("evaluate", "survey"))
    return sorted((round(energy, 9), round(max(known[name], 1e-4), 9)) for name, energy in energies(records)
                  if name in known and energy is not None)


def drawn_points(browser):
    return browser.run("""
        const figure = document.querySelector('#verdict figure[data-chart]');
        const chart = echarts.getInstanceByDom(figure.querySelector('.plot'));
        return chart.getOption().series.filter(s => s.type === 'scatter').flatMap(s => s.data.map(d => d.value))""")


def check_text(browser, where, wanted):
    heading, sentences, missing = browser.run("""const texts = css =>
        [...document.querySelectorAll('#verdict ' + css)].map(node => node.textContent);
        return [texts('h2')[0], texts('.choice'), texts('.missing')]""")
    expect(wanted["question"] == heading, f"{where}: the question is {heading!r}")
    expect(len(sentences) == 2, f"{where}: the choice is {sentences}")
    for pattern, sentence in zip(wanted["choice"], sentences):
        expect(re.search(pattern, plain(sentence)), f"{where}: {sentence!r} is not {pattern!r}")
    for part in wanted["missing"]:
        expect(any(part in text for text in missing), f"{where}: nothing says {part!r}: {missing}")
    facts = browser.run("return document.querySelector('#verdict .facts').textContent")
    for fact in wanted["facts"]:
        expect(re.search(fact, facts), f"{where}: the facts lack {fact!r}: {facts}")


def check_rows(browser, where, wanted):
    rows = browser.run("""return [...document.querySelectorAll('#verdict .rows tbody tr')].map(
        tr => [tr.cells[0].firstChild.textContent, ...[...tr.cells].slice(1).map(td => td.innerText.trim())])""")
    right = len(rows) == wanted["rows"] if wanted["rows"] else 1 < len(rows) <= 5
    expect(right, f"{where}: {len(rows)} rows: {rows}")
    for row in rows:
        expect(all(text and text != "-" for text in row[:wanted["figures"]]), f"{where}: a row lacks a figure: {row}")
    expect(sum("the choice" in row[-1] for row in rows) == 1, f"{where}: not one row is the choice: {rows}")


def check_chart(browser, where, records):
    points = sorted((round(x, 9), round(y, 9)) for x, y in drawn_points(browser))
    expect(points == joined(records), f"{where}: the chart has {points}, the records say {joined(records)}")
    named, marks, lines = browser.run(CHARTS.rsplit("return", 1)[0] + """
        const figure = document.querySelector('#verdict figure[data-chart]'), svg = figure.querySelector('.plot svg');
        const series = echarts.getInstanceByDom(figure.querySelector('.plot')).getOption().series;
        return [[...svg.querySelectorAll('text')].map(t => t.textContent), marksOf(figure).length,
          series.filter(s => s.type === 'line').map(s => [s.name.trim(), s.data.length])]""")
    expect(marks == len(points), f"{where}: {marks} of {len(points)} points are seen")
    expect(dict(lines).get("front", 0) > 1, f"{where}: no front is drawn: {lines}")
    return named, dict(lines)


def check_terms(browser, where):
    """A word with dots explains itself to the pointer and to the keyboard, inside the window."""
    shown = """const box = document.getElementById('gloss'), at = box.getBoundingClientRect();
        return [box.hidden ? '' : box.textContent, at.left >= 0 && at.right <= innerWidth && at.top >= 0]"""
    words = browser.driver.find_elements(By.CSS_SELECTOR, "#verdict p abbr.term")
    expect(words, f"{where}: no word of the verdict explains itself")
    found = {word.text.lower() for word in words}
    expect({"nats", "front"} <= found, f"{where}: only these explain themselves: {found}")
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'});", words[0])
    browser.run("arguments[0].focus();", words[0])
    text, inside = browser.run(shown)
    expect("natural logarithm" in text and inside, f"{where}: the keyboard gets {text!r}")
    words[0].send_keys(Keys.ESCAPE)
    expect(browser.run(shown)[0] == "", f"{where}: Escape does not close the explanation")
    box = browser.run("const b = arguments[0].getBoundingClientRect(); return [b.x + 2, b.y + b.height / 2]", words[0])
    browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
    text, inside = browser.run(shown)
    expect("natural logarithm" in text and inside, f"{where}: the pointer gets {text!r}")


def check_abbreviations(browser, url):
    """Units and names of figures explain themselves wherever a record shows them."""
    browser.show(url, (1400, 900), "light")
    marked = browser.run("return [...document.querySelectorAll('.record abbr.term')].map(m => m.dataset.term)")
    for term in ("qsnr", "nats", "fo4", "e_fo4", "ge", "glitch factor", "switching share", "beat",
                 "bits per weight", "front"):
        expect(term in marked, f"no {term!r} of a record explains itself, only {sorted(set(marked))}")


def check_folded(browser, where):
    """Records are folded, and a link of the contents opens its record and draws its charts."""
    expect(browser.run("return [...document.querySelectorAll('details.record')].every(d => !d.open)"),
           f"{where}: a record is open")
    high = browser.run("return document.getElementById('verdict').getBoundingClientRect().bottom / innerHeight")
    expect(high < (2.2 if "1400" in where else 4.2), f"{where}: the verdict takes {high:.1f} screens")
    browser.run("location.hash = '#r0'")
    browser.wait_for("const d = document.getElementById('r0'), drawn = f => f.dataset.marks; return d.open && "
                     "[...d.querySelectorAll('figure[data-chart]')].every(drawn)", f"{where}: '#r0' opens")


def check_opening(browser, url, records, wanted):
    for size in SIZES:
        for scheme in ("light", "dark"):
            where = f"{wanted['name']} at {size[0]}, {scheme}"
            browser.show(url, size, scheme, unfold=False)
            over = browser.run("return document.documentElement.scrollWidth - innerWidth")
            expect(over <= 0, f"{where}: the page scrolls sideways by {over} px")
            check_text(browser, where, wanted)
            check_rows(browser, where, wanted)
            named, lines = check_chart(browser, where, records)
            for name in wanted["named"]:
                expect(name in named, f"{where}: {name} has no name in the chart: {named}")
            expect(not wanted["intervals"] or lines.get("intervals"), f"{where}: no interval is drawn: {lines}")
            check_terms(browser, where)
            check_folded(browser, where)
            expect(not (low := browser.low_contrast()), f"{where}: text below a contrast of 4.5: {low}")
            expect(not (errors := browser.console_errors()), f"{where}: console says {errors}")


def check_missing(browser, url):
    """Without costs the chart goes by bits, and a sentence says which command gives the energy."""
    browser.show(url, (1400, 900), "light", unfold=False)
    text = browser.run("return document.querySelector('#verdict').textContent")
    for part in ("goes by bits per weight", "subbyte simulate --model embedded", "of the bits of int8"):
        expect(part in text, f"a page without energy lacks {part!r}: {text[:1500]}")
    titles = [chart["title"] for chart in browser.charts()]
    expect("Loss above FP32 against bits per weight" in titles, f"a page without energy has the charts {titles}")


def load(paths):
    return [json.loads(path.read_text()) for path in paths]
