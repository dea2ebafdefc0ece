"""What report_page_check.py checks of what is drawn: roofs, names of points, edges of tables."""
from report_page_browser import CHARTS, expect


def check_roofs(browser, records):
    """Checks that what is drawn of a roof, pixel by pixel, is min(peak, bandwidth * intensity)."""
    seen = 0
    for record in records:
        for chart in record.get("rooflines", []):
            rows = record["tables"][chart["table"]]["rows"]
            roofs = {(r[chart["peak"]], r[chart["bandwidth"]]) for r in rows if r[chart["peak"]] is not None}
            for line in browser.run("""
                const figure = [...document.querySelectorAll('figure[data-chart]')].find(
                  f => f.querySelector('figcaption').textContent === arguments[0]);
                const chart = echarts.getInstanceByDom(figure.querySelector('.plot'));
                const lines = [...figure.querySelectorAll('.plot svg path[fill=none][stroke-width="2"]')];
                return lines.map(p => [0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1].map(s => {
                  const at = p.getPointAtLength(s * p.getTotalLength());
                  return chart.convertFromPixel({gridIndex: 0}, [at.x, at.y]); }));""", chart["title"]):
                seen += 1
                fits = [all(abs(y / min(peak, bandwidth * x) - 1) < 0.02 for x, y in line) for peak, bandwidth in roofs]
                expect(any(fits),
                       f"'{chart['title']}': a roof is drawn through {line}, "
                       f"expected min(peak, bandwidth x intensity) of one of {roofs}")
    expect(seen >= 3, f"{seen} roofs are drawn")


def check_points(browser, where):
    """Checks that points in one place are seen beside each other, that areas grow as squares of widths, and that the
    front is found."""
    boxes, lines, key = browser.run(CHARTS.rsplit("return", 1)[0] + """
        const figure = figureOf('Loss against energy');
        const option = echarts.getInstanceByDom(figure.querySelector('.plot')).getOption();
        return [marksOf(figure).map(m => m.getBoundingClientRect()).map(b => [b.x + b.width / 2, b.width]),
          option.series.filter(s => s.type === 'line').map(s => s.data), figure.querySelector('.key').textContent];""")
    twins = sorted(middle for middle, _ in boxes)[:2]
    expect(twins[1] - twins[0] > 5, f"{where}: two points in one place are drawn at {twins}")
    widths = sorted(width for _, width in boxes)
    expect(1.7 < widths[-1] / widths[1] < 2.3, f"{where}: areas of 4 and 16 are drawn with widths {widths}")
    front, intervals = lines
    expect(front == [[20, 0.01], [60, 0.0001]], f"{where}: the front is drawn through {front}")
    expect(len(intervals) == 9, f"{where}: three intervals are {intervals}")
    for text in ("size: area, 1 to 16 mm2", "under 1e-4 nats: on the lower edge", "95 % intervals"):
        expect(text in key.replace("0.0001", "1e-4"), f"{where}: the key does not say {text!r}: {key}")


def check_intervals(browser, where):
    """Checks that intervals are drawn, and end where a logarithmic axis ends that does not reach their lower ends."""
    for title, count, clipped in (("Loss against bits", 18, 12), ("Loss against energy", 3, 1)):
        lines, axes = browser.run(CHARTS.rsplit("return", 1)[0] + """
            const chart = echarts.getInstanceByDom(figureOf(arguments[0]).querySelector('.plot')).getOption();
            const axes = [chart.xAxis[0], chart.yAxis[0]].map(axis => [axis.type, axis.min]);
            return [chart.series.find(s => s.name === ' intervals').data, axes];""", title)
        ends = lines[::3] + lines[1::3]
        expect(len(lines) == 3 * count, f"{where}: '{title}' has {lines} as {count} intervals")
        for (kind, least), values in zip(axes, zip(*ends)):
            expect(kind != "log" or all(value >= least > 0 for value in values),
                   f"{where}: '{title}': intervals end at {values}, but a logarithmic axis begins at {least}")
        there = [end for end in ends for (kind, least), value in zip(axes, end) if kind == "log" and value == least]
        expect(len(there) == clipped, f"{where}: '{title}': {clipped} intervals should end at the edge, found {there}")


def check_names(browser, where):
    """Checks that names of points lie on no other name and on no point."""
    found, bad = browser.run(CHARTS.rsplit("return", 1)[0] + """
        let found = 0; const bad = [];
        for (const figure of document.querySelectorAll('figure[data-chart]')) {
          const chart = echarts.getInstanceByDom(figure.querySelector('.plot'));
          const all = chart.getOption().series.flatMap(s => (s.data ?? []).map(d => d && d.tag));
          const tags = new Set(all.filter(Boolean));
          const texts = [...figure.querySelectorAll('.plot svg text')].filter(t => tags.has(t.textContent));
          const names = texts.map(t => [t.textContent, t.getBoundingClientRect()]);
          const marks = marksOf(figure).map(m => ['a point', m.getBoundingClientRect()]);
          found += names.length;
          names.forEach(([name, a], i) => [...names.slice(i + 1), ...marks].forEach(([other, b]) => {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 2) bad.push(name + ' on ' + other); }));
        }
        return [found, bad];""")
    expect(found >= 6 and not bad, f"{where}: of {found} names these lie on something: {bad}")


def check_tables_fit(browser, where):
    """Checks that a table that goes on beyond its box says so, and that on a phone no name breaks inside a word."""
    said = browser.run("""return [...document.querySelectorAll('.frame')].filter(f => (f.dataset.right === 'true') !==
        (f.firstElementChild.scrollWidth - f.firstElementChild.clientWidth > 2)).length""")
    expect(said == 0, f"{where}: {said} tables do not say that they go on")
    broken = browser.run("""const bad = [];
        for (const td of document.querySelectorAll('tbody td:first-child')) {
          for (const node of td.childNodes) {
            if (node.nodeType !== 3 || /[ <]/.test(node.data)) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) bad.push(td.textContent);
          }
        }
        return bad;""")
    expect(not broken, f"{where}: broken inside a word: {broken}")
