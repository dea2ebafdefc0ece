// What charts share: colours, texts, tooltips, axes and names. Each figure names its table and columns; values, units
// and sources are read from the table. Drawn by ECharts.
'use strict';

const kSymbols = ['circle', 'rect', 'triangle', 'diamond'];
const kShapes = ['M6 1a5 5 0 1 0 .01 0z', 'M1.5 1.5h9v9h-9z', 'M6 1l5.5 10h-11z', 'M6 .5l5.5 5.5-5.5 5.5L.5 6z'];
const kColours = 10;
const narrow = () => innerWidth <= 600;

function theme() {
  const style = getComputedStyle(document.documentElement);
  const get = name => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: get('ink'), soft: get('soft'), line: get('line'), card: get('card'), on: get('on'), accent: get('accent'),
    colour: i => get(`c${i % kColours}`), symbol: i => kSymbols[Math.floor(i / kColours) % kSymbols.length],
  };
}

function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential().replace(/(\.\d\d)\d+/, '$1');
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 4, notation: size >= 1e5 ? 'compact' : 'standard' })
    .format(value)
    .replace('K', 'k').replace('B', 'G');  // SI prefixes
}

const isNumber = cell => typeof cell.value === 'number' && Number.isFinite(cell.value);
/** "12.5 MHz"; a prefix joins its unit ("12.5 GMAC/s"). */
const withUnit = (text, column) => {
  if (!column.unit) return text;
  if (/^(MAC|byte|bit|op|FLOP)/.test(column.unit)) text = text.replace(/(\d)([kMGT])$/, '$1\u202f$2');
  return /\u202f[kMGT]$/.test(text) ? text + column.unit : `${text} ${column.unit}`;
};

/** The box shown on hover: a heading, rows [name, text, main?], and where the figures come from. */
function tip(heading, rows, sources) {
  const body = element('table', {}, ...rows.map(([name, text, main]) =>
    element('tr', { className: main ? 'main' : '' }, element('td', { textContent: name }),
      element('td', { textContent: text }))));
  const box = element('div', { className: 'tip' }, element('b', { textContent: heading }), body);
  const named = [...new Set(sources.filter(Boolean))];
  if (named.length) box.append(element('small', { textContent: `Source: ${named.join('; ')}` }));
  return box;
}

/** A row of the table, the columns of the plot first. */
function rowTip(table, row, heading, mains, extra = []) {
  const order = [...mains, ...row.keys()].filter((c, i, all) => all.indexOf(c) === i);
  const lines = order.filter(c => row[c].text &&
    (mains.includes(c) || (row[c].text !== heading && row[c].text.length <= 44))).slice(0, 12)
    .map(c => [table.columns[c].name, withUnit(row[c].text, table.columns[c]), mains.includes(c)]);
  return tip(heading, [...lines.slice(0, mains.length), ...extra, ...lines.slice(mains.length)],
    mains.map(c => table.columns[c].source));
}

function base(t) {
  return {
    animation: false,
    textStyle: { fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
      color: t.ink },
    tooltip: { confine: true, backgroundColor: t.card, borderColor: t.line, borderWidth: 1,
      padding: [6, 10], textStyle: { color: t.ink } },
    legend: { show: false },
    grid: { left: 6, right: 18, top: 14, bottom: 6, outerBoundsMode: 'same', outerBoundsContain: 'all' },
  };
}

/** Ticks of a logarithmic axis: the finest of these that do not crowd, down to the decades alone. */
function logTicks(low, high, most) {
  const pick = digits => {
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e)
      for (const digit of digits) ticks.push(Number(`${digit}e${e}`));
    return ticks.filter(v => v >= low && v <= high);
  };
  const halves = [...Array(18).keys()].map(i => (i + 2) / 2);
  const [decades, coarse, digits, fine] = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9], halves].map(pick);
  if (coarse.length > most) return decades;
  return [coarse, digits].find(ticks => ticks.length > 2 && ticks.length <= most) ??
    (fine.length <= most ? fine : coarse);
}

/**
 * A value axis over `values`. It is logarithmic where that is asked for and the values span enough for it to read well;
 * 'always' asks for it whatever they span, as lines that are drawn on it demand.
 */
function axis(t, column, values, log, vertical, name = column.heading) {
  const low = Math.min(...values), high = Math.max(...values);
  const common = {
    name, nameLocation: 'middle', nameGap: vertical ? 10 : 26, nameTextStyle: { color: t.ink, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: t.soft } }, axisTick: { show: false },
    axisLabel: { color: t.soft, fontSize: 11, formatter: short, hideOverlap: true },
    splitLine: { lineStyle: { color: t.line } },
  };
  if (log && low > 0 && (log === 'always' || high >= 3 * low)) {
    const pad = Math.max(Math.pow(high / low, 0.06), 1.02);
    const ticks = logTicks(low / pad, high * pad, vertical || !narrow() ? 12 : 7);
    return { ...common, type: 'log', min: low / pad, max: high * pad,
      axisLabel: { ...common.axisLabel, customValues: ticks },
      splitLine: { ...common.splitLine, customValues: ticks }, axisTick: { show: false, customValues: ticks } };
  }
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  const from = low - pad, to = high + pad;
  const rough = (to - from) / (narrow() && !vertical ? 4 : 6), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(m => m * power >= rough) * power;
  const min = low >= 0 && from < 0 ? 0 : from, ticks = [];
  for (let i = Math.ceil(min / step); i * step <= to; ++i) ticks.push(Number((i * step).toPrecision(12)));
  return { ...common, type: 'value', min, max: to, interval: step,
    axisLabel: { ...common.axisLabel, customValues: ticks },
    splitLine: { ...common.splitLine, customValues: ticks }, axisTick: { show: false, customValues: ticks } };
}

/**
 * What rows are called in a plot: a number has its unit, and rows of one name are told apart by what else differs
 * between them (`series` first).
 */
function rowNames(table, rows, label, series) {
  const name = row =>
    (isNumber(row[label]) ? withUnit(short(row[label].value), table.columns[label]) : row[label].text);
  const texts = [series, ...table.columns.keys()].filter(
    c => c !== label && rows.some(row => typeof row[c].value === 'string'));
  return new Map(rows.map(row => {
    const same = rows.filter(other => name(other) === name(row));
    const apart = texts.find(c => same.some(other => other[c].text !== row[c].text));
    return [row, apart === undefined ? name(row) : `${name(row)}, ${row[apart].text}`];
  }));
}
