"""What report_page_check.py checks of the tables: sorting, the keyboard, CSV, the filter and records side by side."""
import csv
import json
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from report_page_browser import expect, plain


def table_rows(browser, block):
    return browser.run("""
        return [...document.getElementById(arguments[0]).querySelectorAll('tbody tr')].map(tr => [...tr.cells].map(
        td => 'v' in td.dataset ? JSON.parse(td.dataset.v) : td.textContent))""", block)


def in_order(values, descending):
    """Tells whether numbers stand by value and what is missing stands last. Of texts it tells only the latter, because
    their order is the browser's; that it turns round is checked elsewhere."""
    present = [v for v in values if v is not None]
    expect(values[len(present):] == [None] * (len(values) - len(present)), f"missing values are not last: {values}")
    pairs = zip(present, present[1:])
    return isinstance(present[0], str) or all(a >= b if descending else a <= b for a, b in pairs)


def sorted_thrice(browser, block):
    """Presses each column's head three times, and returns aria-sort and the rows after each press."""
    return browser.run("""const block = document.getElementById(arguments[0]);
        const rows = () => [...block.querySelectorAll('tbody tr')].map(tr => [...tr.cells].map(
            td => 'v' in td.dataset ? JSON.parse(td.dataset.v) : td.textContent));
        return [...block.querySelectorAll('thead th')].map(th => [1, 2, 3].map(() => {
            th.querySelector('button').click(); return [th.getAttribute('aria-sort'), rows()]; }));""", block)


def check_sorting(browser, block, table):
    rows = table_rows(browser, block)
    for i, orders in enumerate(sorted_thrice(browser, block)):
        where = f"'{table['title']}', column {i}"
        expect([state for state, _ in orders] == ["ascending", "descending", None],
               f"{where}: aria-sort went {[s for s, _ in orders]}")
        for state, now in orders[:2]:
            expect(sorted(map(repr, now)) == sorted(map(repr, rows)), f"{where}: sorting lost rows")
            expect(in_order([row[i] for row in now], state == "descending"), f"{where} is not {state}: {now}")
        expect(orders[2][1] == rows, f"{where}: a third press does not restore the order")
        up, down = ([row[i] for row in now if row[i] is not None] for _, now in orders[:2])
        expect(down == up[::-1], f"{where} descends as {down}, ascends as {up}")


def check_keyboard(browser, block, column):
    head = browser.driver.find_elements(By.CSS_SELECTOR, f"#{block} thead th")[column]
    for key, state in ((Keys.ENTER, "ascending"), (Keys.SPACE, "descending")):
        head.find_element(By.TAG_NAME, "button").send_keys(key)
        expect(head.get_attribute("aria-sort") == state, f"the keyboard does not sort {state}")
        expect(in_order([row[column] for row in table_rows(browser, block)], state == "descending"),
               f"rows are not {state} after a key")


def same(text, cell):
    if cell is None:
        return text == ""
    if isinstance(cell, bool):
        return text == str(cell).lower()
    return text == cell if isinstance(cell, str) else float(text) == cell


def check_csv(browser, block, table, folder):
    """Checks that copying gives the whole table with numbers in full precision, and that with a folder a download gives
    the same."""
    browser.run("""window.copied = null;
        const value = {writeText: async t => { window.copied = t; }};
        Object.defineProperty(navigator, 'clipboard', {configurable: true, value});
        document.querySelector('#' + arguments[0] + ' .bar button').click();""", block)
    text = browser.run("return window.copied")
    if folder:
        browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        browser.run("[...document.querySelectorAll('#' + arguments[0] + ' .bar button')].at(-1).click()", block)
        deadline = time.time() + 20
        while not (files := list(folder.glob("*.csv"))) and time.time() < deadline:
            time.sleep(0.05)
        expect(files, f"'{table['title']}': no CSV was downloaded")
        expect(files[0].read_bytes().decode() == text, f"'{table['title']}': downloaded CSV is not the copied one")
        files[0].unlink()
    lines = list(csv.reader(text.splitlines(keepends=True)))
    heads = [c["name"] + (f" [{c['unit']}]" if c["unit"] else "") for c in table["columns"]]
    expect(lines[0] == heads, f"'{table['title']}': CSV header {lines[0]}, expected {heads}")
    expect(len(lines) == 1 + len(table["rows"]) and text.endswith("\r\n"),
           f"'{table['title']}': {len(lines)} CSV lines")
    for line, row in zip(lines[1:], table["rows"]):
        expect(len(line) == len(row) and all(map(same, line, row)), f"'{table['title']}': CSV {line}, expected {row}")


def check_filter(browser, block, rows):
    field = browser.driver.find_element(By.CSS_SELECTOR, f"#{block} .bar input")
    field.send_keys("FORMAT 1 float")
    shown = browser.run("return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr:not([hidden])')].map("
                        "tr => tr.cells[0].textContent)", block)
    wanted = [row[0] for row in rows if "format" in row[0] and "1" in json.dumps(row) and row[4] == "float"]
    expect(shown == wanted and shown, f"the filter shows {shown}, expected {wanted}")
    count = browser.run("return document.querySelector('#' + arguments[0] + ' output').textContent", block)
    expect(count == f"{len(wanted)} of {len(rows)} rows", f"the filter says {count!r}")
    lines = browser.run("return tableCsv(document.getElementById(arguments[0]))", block).count("\r\n")
    expect(lines == 1 + len(wanted), f"the CSV of a filtered table has {lines} lines")
    field.clear()
    field.send_keys(" ")


def check_tables(browser, url, records, folder):
    browser.show(url, (1280, 900), "light")
    for r, record in enumerate(records):
        for t, table in enumerate(record["tables"]):
            block = f"r{r}t{t}"
            check_csv(browser, block, table, folder if block in ("r0t0", "r0t3") else None)
            check_sorting(browser, block, table)
    check_keyboard(browser, "r0t0", 2)
    total = browser.run("return [...document.querySelectorAll('#r0t0 tfoot td')].map(td => td.textContent)")
    expect(total[0] == "total", f"the total row reads {total}")
    check_filter(browser, "r0t3", records[0]["tables"][3]["rows"])
    cells = browser.run(
        "return [...document.querySelectorAll('#s1t0 tbody tr')].map(tr => [...tr.cells].map(td => td.textContent))")
    expect([[plain(c) for c in row] for row in cells] == [["int8", "4121"], ["fp4", "2093"]],
           f"records side by side: {cells}")
