// Bars, stacked or side by side.
'use strict';

/** A name in lines of about `most` characters, broken where its parts meet only. */
function inLines(text, most) {
  const lines = [''];
  for (const part of text.split(/(?<=[:._=,\/ -])/)) {
    if (lines.at(-1) && lines.at(-1).length + part.length > most) lines.push('');
    lines[lines.length - 1] += part;
  }
  return lines.map(line => line.trim()).join('\n');
}

const barSum = (chart, row) => chart.values.reduce((all, c) => all + (isNumber(row[c]) ? row[c].value : 0), 0);

function barSeries(chart, table, rows, t) {
  const shown = chart.values.filter(c => rows.some(row => isNumber(row[c]) && row[c].value !== 0));
  const log = chart.log && !chart.stacked, last = shown.at(-1);
  return chart.values.map((c, i) => ({
    type: 'bar', name: table.columns[c].name, stack: chart.stacked ? 'all' : undefined, color: t.colour(i),
    barMaxWidth: 22, barCategoryGap: '28%', cursor: 'default',
    data: rows.map(row => (isNumber(row[c]) && (!log || row[c].value > 0) ? row[c].value : null)),
    itemStyle: { borderColor: t.card, borderWidth: 0.5 },
    label: { show: chart.stacked ? c === last : chart.values.length === 1, position: 'right',
      color: t.ink, fontSize: 11,
      formatter: p => short(chart.stacked ? barSum(chart, rows[p.dataIndex]) : p.value) },
    labelLayout: { hideOverlap: false },
  }));
}

function barScale(chart, table, rows, t) {
  const columns = chart.values.map(c => table.columns[c]), units = [...new Set(columns.map(c => c.unit))];
  const name = columns.length === 1 ? columns[0].heading : units.length === 1 ? units[0] : '';
  const log = chart.log && !chart.stacked;
  const all = rows.flatMap(row =>
    (chart.stacked ? [barSum(chart, row)] : chart.values.filter(c => isNumber(row[c])).map(c => row[c].value)));
  const scale = axis(t, columns[0], log ? all.filter(v => v > 0) : [0, ...all], log, false, name);
  if (scale.type === 'log') scale.startValue = scale.min;  // bars grow from the axis, not from 1
  else Object.assign(scale, { min: Math.min(0, scale.min), max: scale.max + 0.06 * (scale.max - scale.min) });
  return scale;
}

function barTip(chart, table, row) {
  const total = barSum(chart, row), columns = chart.values.map(c => table.columns[c]);
  const share = c => (chart.stacked && total > 0 && isNumber(row[c])
    ? ` (${short(Number((100 * row[c].value / total).toPrecision(3)))} %)` : '');
  const lines = chart.values.map(c => [table.columns[c].name, withUnit(row[c].text, table.columns[c]) + share(c)]);
  if (chart.stacked && chart.values.length > 1) lines.push(['sum', withUnit(short(total), columns[0]), true]);
  return tip(row[chart.category].text, lines, columns.map(c => c.source));
}

function barsOption(chart, table, t) {
  const rows = table.rows.filter(row => chart.values.some(c => isNumber(row[c])));
  if (!rows.length) return null;
  const series = barSeries(chart, table, rows, t);
  const perRow = chart.stacked || chart.values.length === 1 ? 30 : 12 + 16 * chart.values.length;
  const option = { ...base(t), series, xAxis: barScale(chart, table, rows, t),
    yAxis: { type: 'category', inverse: true, data: rows.map(row => row[chart.category].text),
      axisTick: { show: false }, axisLine: { lineStyle: { color: t.soft } },
      axisLabel: { color: t.ink, fontSize: 11, lineHeight: 13, interval: 0,
        formatter: text => inLines(text, narrow() ? 17 : 40) } } };
  option.tooltip = { ...option.tooltip, trigger: 'axis',
    axisPointer: { type: 'shadow', shadowStyle: { color: t.soft, opacity: 0.12 } },
    formatter: ps => barTip(chart, table, rows[ps[0].dataIndex]) };
  const marks = series.reduce((n, s) => n + s.data.filter(v => v !== null && v !== 0).length, 0);
  return { option, marks, keys: chart.values.length > 1 ? chart.values.map(c => table.columns[c].name) : [],
    height: Math.max(150, perRow * rows.length + 70) };
}
