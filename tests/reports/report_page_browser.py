"""What report_page_check.py does in the browser."""
import json
import re
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--hide-scrollbars", "--force-prefers-reduced-motion"]

# Marks are the shapes that are filled with a colour of the palette; lines and axes are not filled.
CHARTS = """
const style = getComputedStyle(document.documentElement), palette = new Set();
for (let i = 0; i < 10; ++i) palette.add(style.getPropertyValue('--c' + i).trim());
window.marksOf = figure => [...figure.querySelectorAll('.plot svg path')].filter(
  p => palette.has(p.getAttribute('fill')) && p.getBBox().width > 0);
window.figureOf = title => [...document.querySelectorAll('figure[data-chart]')].find(
  f => f.querySelector('figcaption').textContent === title);
return [...document.querySelectorAll('figure[data-chart]')].map(f => ({title: f.querySelector('figcaption').textContent,
  drawn: marksOf(f).length, announced: Number(f.dataset.marks)}));
"""

CONTRAST = """
const rgb = text => { const m = text.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m; };
const hex = text => [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16));
const linear = v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = c => { const l = c.slice(0, 3).map(v => linear(v / 255));
  return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
const contrast = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const behind = node => {
  for (let e = node; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; }
  return [255, 255, 255]; };
const low = [];
const note = (text, ratio) => { if (ratio < 4.5) low.push(text.slice(0, 30) + ': ' + ratio.toFixed(2)); };
for (const node of document.querySelectorAll('body *:not(script):not(style):not(noscript)')) {
  if (node.closest('svg') || !node.getClientRects().length) continue;
  if (![...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim())) continue;
  note(node.textContent, contrast(rgb(getComputedStyle(node).color), behind(node)));
}
const style = getComputedStyle(document.documentElement), get = name => hex(style.getPropertyValue('--' + name).trim());
for (let i = 0; i < 10; ++i) note('text on colour ' + i, contrast(get('on'), get('c' + i)));
for (const figure of document.querySelectorAll('figure[data-chart]')) {
  if (figure.dataset.chart.includes('"treemap"')) continue;  // its texts lie on the palette
  for (const text of figure.querySelectorAll('.plot svg text'))
    note(text.textContent, contrast(rgb(getComputedStyle(text).fill), behind(figure)));
}
return low;
"""


def expect(truth, message):
    if not truth:
        raise AssertionError(message)


class Browser:
    def __init__(self, folder):
        options = Options()
        for flag in [*FLAGS, f"--user-data-dir={folder / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def scheme(self, scheme):
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def show(self, url, size, scheme, unfold=True):
        """Opens the page, and with `unfold` also all that is folded; returns once its charts are drawn."""
        self.command("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
                     deviceScaleFactor=1, mobile=size[0] < 600)
        self.scheme(scheme)
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get("about:blank")  # a page that is only scrolled to another part would keep what is open
        self.driver.get(url)
        if unfold:
            self.run("for (const folded of document.querySelectorAll('main details')) folded.open = true")
            self.wait_for("return [...document.querySelectorAll('figure[data-chart]')].every(f => f.dataset.marks)",
                          "every chart is drawn")

    def wait_for(self, script, what):
        deadline = time.time() + 20
        while not self.run(script):
            expect(time.time() < deadline, f"in 20 s this did not come about: {what}")
            time.sleep(0.05)

    def console_errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def other_requests(self, url):
        """Returns the addresses that the page asked for, without itself, data inside it and what the browser's own
        start page asks for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [address for address in asked if address.split("#")[0] != url and
                not address.startswith(("data:", "blob:", "chrome:"))]

    def charts(self):
        return self.run(CHARTS)

    def low_contrast(self):
        return self.run(CONTRAST)

    def points(self, title):
        """Scrolls to a chart and returns the middles of its marks in the window. A mark under the pointer changes its
        colour, so they are to be taken once."""
        return self.run(CHARTS.rsplit("return", 1)[0] + """
            const figure = figureOf(arguments[0]);
            figure.scrollIntoView({block: 'center', behavior: 'instant'});
            const boxes = marksOf(figure).map(m => m.getBoundingClientRect());
            return boxes.map(b => [b.x + b.width / 2, b.y + b.height / 2]);""", title)

    def hover(self, title, point):
        """Returns the tooltip over a point of a chart."""
        for step in (2, 0):
            self.command("Input.dispatchMouseEvent", type="mouseMoved", x=point[0] + step, y=point[1] + step)
        for _ in range(40):
            text = self.run(CHARTS.rsplit("return", 1)[0] + """
                const seen = t => getComputedStyle(t.parentElement).visibility !== 'hidden' &&
                  getComputedStyle(t.parentElement).opacity !== '0';
                const tips = [...figureOf(arguments[0]).querySelectorAll('.tip')];
                return tips.filter(seen).map(t => t.innerText).join('\\n')""", title)
            if text:
                return text
            time.sleep(0.05)
        raise AssertionError(f"no tooltip at {point} of '{title}'")


def plain(text):
    return text.replace("\u202f", "")


def check_tooltips(browser, url, record):
    """Every mark of every hand-made chart answers with its row's own values, units and source."""
    browser.show(url, (1280, 900), "light")

    def covered(chart, wanted):
        seen = [plain(browser.hover(chart["title"], point)) for point in browser.points(chart["title"])]
        for parts in wanted:
            expect(any(all(part in text for part in parts) for text in seen),
                   f"'{chart['title']}': no tooltip with {parts} in {seen}")

    for chart in record["treemaps"]:
        covered(chart, [["mult", "5000.50 um2", "share of the whole", "50 %", "Source: Yosys"],
                        ["add", "3000.25 um2", "30 %"], ["shift", "500.000 um2", "5 %"]])
    covered(record["bars"][0], [["(own logic)", "1.500 pJ (21.8 %)", "2.250 pJ", "3.125 pJ",
                                 "sum", "6.875 pJ", "Source: netlist"], ["decoder", "4.000 pJ (80 %)"]])
    covered(record["bars"][1], [["accumulator", "0.5000 pJ", "Source: netlist"]])
    covered(record["rooflines"][0], [["small q", "0.5000 MAC/byte", "6.900 MAC/cycle", "roof here",
                                      "8 MAC/cycle", "86.25 %", "memory", "Source: derived; rtl"],
                                     ["small head", "90.50 MAC/cycle", "128 MAC/cycle", "compute"],
                                     ["large gate", "1500 MAC/cycle", "73.24 %"]])
    covered(record["rooflines"][1], [["2 rows here", "a.q, a.k", "7.500GMAC/s", "10GMAC/s", "memory"],
                                     ["12.49GMAC/s", "compute"]])
    covered(record["scatters"][0], [["format 0", "2.000 bit", "nats", "Source: packed bytes; evaluate"],
                                    ["large", "12 bit", "1234567 nats"]])
    covered(record["scatters"][1], [["pe", "400 MHz", "2333.3 um2", "Source: synthesis"]])
    expect(not (errors := browser.console_errors()), f"console says {errors}")


def check_live_changes(browser, url):
    """Checks that the theme, the window and the legend change charts that are already drawn."""
    browser.show(url, (1280, 900), "light")
    colours = """const fills = s => new Set([...s.querySelectorAll('text')].map(t => t.getAttribute('fill')));
        return [...document.querySelectorAll('figure[data-chart] .plot svg')].map(s => [...fills(s)].join())"""
    light = browser.run(colours)
    browser.scheme("dark")
    time.sleep(0.3)
    dark = browser.run(colours)
    expect(len(light) == len(dark) and all(a != b for a, b in zip(light, dark)),
           "charts keep their colours when the scheme changes")
    browser.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    time.sleep(0.4)
    widest = browser.run("const ends = [...document.querySelectorAll('.plot svg')].map("
                         "s => s.getBoundingClientRect().right); return Math.max(...ends) - innerWidth")
    expect(widest <= 0, f"after the window narrowed a chart is {widest} px too wide")
    before = {c["title"]: c["drawn"] for c in browser.charts()}
    key = browser.driver.find_element(By.XPATH, "//figure[figcaption='Energy by module']//button[contains(., 'clock')]")
    key.send_keys(Keys.ENTER)
    expect(key.get_attribute("aria-pressed") == "false", "a legend's button does not say that it is off")
    after = {c["title"]: c["drawn"] for c in browser.charts()}
    expect(after["Energy by module"] == before["Energy by module"] - 3,
           f"hiding a part left {after['Energy by module']} of {before['Energy by module']} bars")
    expect(not (errors := browser.console_errors()), f"console says {errors}")


def check_texts_are_data(browser, url, evil):
    browser.show(url, (1280, 900), "light")
    shown = browser.run("const texts = ['h1', '#r0 h2', '#r0 figcaption', '#r0 .provenance dd'].map("
                        "where => document.querySelector(where).textContent); return [document.title, ...texts, "
                        "document.querySelector('#r0t0 tbody').rows[2].cells[0].textContent]")
    expect(all(evil in text for text in shown), f"texts came out changed: {shown}")
    expect(not browser.run("return document.querySelectorAll('[onclick]').length"),
           "a text of a record became an element")


def check_without_script(browser, url, records):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.show(url, (390, 844), "light", unfold=False)
        for heading in browser.driver.find_elements(By.CSS_SELECTOR, "main summary"):
            heading.send_keys(Keys.ENTER)
        text = browser.driver.find_element(By.TAG_NAME, "body").text
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)
    for wanted in ("Charts, sorting and filters need JavaScript", "accumulator", "5000.50",
                   "1.2346 pJ", records[-1]["title"]):
        expect(wanted in text, f"without script the page lacks {wanted!r}")


def check_the_checks(browser, out, folder):
    """A page that loads something, one that throws and one with faint text are noticed."""
    text = out.read_text()
    bad = folder / "bad.html"
    bad.write_text(re.sub(r'content="default-src[^"]*"', 'content=""', text).replace(
        "</h1>",
        "</h1><img src='http://127.0.0.1:9/x.png'><script>missing()</script>"
        "<i style='color:#ccc;background:#fff'>faint</i>", 1))
    browser.show(bad.as_uri(), (1280, 900), "light")
    expect(any("missing" in error for error in browser.console_errors()), "an error on the console is not noticed")
    expect(browser.other_requests(bad.as_uri()) == ["http://127.0.0.1:9/x.png"], "a request is not noticed")
    expect(any("faint" in low for low in browser.low_contrast()), "faint text is not noticed")
    bad.write_text(text.replace("</h1>", "</h1><img src='http://127.0.0.1:9/x.png'>", 1))
    browser.show(bad.as_uri(), (1280, 900), "light")
    expect(any("Content Security Policy" in error for error in browser.console_errors()),
           "the page's policy does not refuse a load")
