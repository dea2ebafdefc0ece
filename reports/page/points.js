// Scatter plots: a point per row, its size and its intervals where the chart has them, and the line of the front.
'use strict';

const kNamed = 24;  // up to so many points all have their names

/** Points that no other beats, where small is good on both axes; of equal ones the first. */
function frontOf(points) {
  const beats = (q, p) => q.x <= p.x && q.y <= p.y && (q.x < p.x || q.y < p.y || points.indexOf(q) < points.indexOf(p));
  return points.filter(p => !points.some(q => q !== p && beats(q, p)));
}

/** The rows that can be drawn, and where: below a floor, which only logarithmic axes have, they lie on it. */
function pointsOf(chart, table) {
  const floor = chart.log_y ? chart.floor_y ?? 0 : 0;
  const ok = (cell, log) => isNumber(cell) && (!log || cell.value > 0);
  const points = table.rows.filter(row => ok(row[chart.x], chart.log_x) && ok(row[chart.y], chart.log_y && !floor))
    .map(row => ({ row, x: row[chart.x].value, y: floor ? Math.max(row[chart.y].value, floor) : row[chart.y].value,
      under: floor > 0 && row[chart.y].value < floor, marked: row[chart.mark].value === true }));
  if (chart.join === 'front') for (const point of frontOf(points)) point.marked = true;
  return points;
}

/** What a column that a chart need not have says of a point; 0 where there is nothing. */
const maybe = (point, column) => (column !== undefined && isNumber(point.row[column]) ? point.row[column].value : 0);

/** Lines through points, as long as their intervals; what a logarithmic axis does not reach is cut off at its edge. */
function intervalLines(chart, points, x, y, t) {
  const edge = axis => (axis.type === 'log' ? axis.min : -Infinity), data = [];
  const left = edge(x), bottom = Math.max(edge(y), (chart.log_y && chart.floor_y) || -Infinity);
  for (const point of points) {
    const high = maybe(point, chart.half_y), wide = maybe(point, chart.half_x), middle = point.row[chart.y].value;
    if (high)
      data.push([point.x, Math.max(middle - high, bottom)], [point.x, Math.max(middle + high, bottom)], ['-', '-']);
    if (wide) data.push([Math.max(point.x - wide, left), point.y], [point.x + wide, point.y], ['-', '-']);
  }
  return data.length ? [{ type: 'line', name: ' intervals', data, symbol: 'none', silent: true, color: t.ink, z: 1,
    connectNulls: false, lineStyle: { color: t.ink, width: 1.5 }, tooltip: { show: false } }] : [];
}

/** Moves points that would hide each other aside, by pixels. */
function spread(points, x, y) {
  const part = (value, axis) => (axis.type === 'log' ? Math.log(value / axis.min) / Math.log(axis.max / axis.min)
    : (value - axis.min) / (axis.max - axis.min));
  const near = (p, q) => Math.abs(part(p.x, x) - part(q.x, x)) < (narrow() ? 0.025 : 0.01) &&
    Math.abs(part(p.y, y) - part(q.y, y)) < 0.025;
  for (const [i, point] of points.entries()) {
    const before = points.slice(0, i).filter(other => near(point, other)).length;
    point.shift = [(before % 2 ? 1 : -1) * Math.ceil(before / 2) * 9, 0];
  }
}

/** Diameters: their squares are as the values of the size's column, where these differ. */
function sizeOf(chart, points) {
  const sizes = points.map(p => maybe(p, chart.size)), largest = Math.max(...sizes);
  if (Math.min(...sizes) === largest) return point => (point.marked ? 13 : 10);
  return point => Math.max(7, 26 * Math.sqrt(maybe(point, chart.size) / largest));
}

/**
 * The names of points. Where colours say something else than the label, a few points all have their labels; else those
 * of the front have names that tell them apart.
 */
function namesOf(chart, table, points, single) {
  const marked = points.filter(p => single || p.marked).map(p => p.row);
  const plain = chart.label !== chart.series && !single;
  const called = plain ? new Map(marked.map(row => [row, row[chart.label].text]))
    : rowNames(table, marked, chart.label, chart.series);
  if (plain && points.length <= kNamed)
    for (const { row } of points) if (!called.has(row)) called.set(row, row[chart.label].text);
  return called;
}

function pointSeries(chart, points, names, called, t) {
  const single = names.length === 1 && names[0] === '', size = sizeOf(chart, points);
  const item = p => ({ value: [p.x, p.y], row: p.row, tag: called.get(p.row), first: p.marked, shift: p.shift,
    symbolOffset: p.shift, symbolSize: size(p),
    itemStyle: { borderColor: p.marked ? t.ink : t.card, borderWidth: p.marked ? 2 : 1,
      opacity: chart.size === undefined ? 1 : 0.85 } });
  return names.map((name, i) => ({
    type: chart.join === 'series' ? 'line' : 'scatter', name, color: t.colour(i), symbol: t.symbol(i),
    cursor: 'default', itemStyle: { color: t.colour(i) }, lineStyle: { width: 2 }, emphasis: { scale: 1.4 },
    data: points.filter(p => single || p.row[chart.series].text === name).map(item)
      .sort((a, b) => a.value[0] - b.value[0]) }));
}

function frontLine(points, t) {
  return { type: 'line', name: ' front', symbol: 'none', silent: true,
    data: points.filter(p => p.marked).map(p => [p.x, p.y]).sort((a, b) => a[0] - b[0]),
    color: t.soft, lineStyle: { color: t.soft, type: 'dashed', width: 1.5 }, tooltip: { show: false }, z: 1 };
}

/** What the key says beside the series: what sizes and the lower edge mean. */
function pointRemarks(chart, table, points) {
  const remarks = [];
  if (chart.size !== undefined) {
    const values = points.map(p => maybe(p, chart.size)).filter(v => v > 0), column = table.columns[chart.size];
    const ends = [...new Set([Math.min(...values), Math.max(...values)].map(short))];
    remarks.push(`${ends.length > 1 ? 'size' : 'the same for all'}: ${column.name}, ` +
      withUnit(ends.join(' to '), column));
  }
  if (points.some(p => p.under))
    remarks.push(`under ${withUnit(short(chart.floor_y), table.columns[chart.y])}: on the lower edge`);
  if (points.some(p => maybe(p, chart.half_x) || maybe(p, chart.half_y))) remarks.push('lines: 95 % intervals');
  return remarks;
}

function scatterOption(chart, table, t) {
  const points = pointsOf(chart, table);
  if (!points.length) return null;
  let names = [...new Set(points.map(p => p.row[chart.series].text))];
  // As many series as points is no grouping: one colour, every point named.
  const single = names.length === points.length && names.length > 1;
  if (single) names = [''];
  const called = namesOf(chart, table, points, single);
  // Intervals are within the axes, as far down as a logarithmic one goes.
  const spans = (value, half, least) => points.flatMap(p =>
    [value(p), value(p) + half(p), Math.max(value(p) - half(p), least(value(p)))]);
  const least = (log, floor) => v => (log ? floor ?? v / 2 : -Infinity);
  const x = axis(t, table.columns[chart.x], spans(p => p.x, p => maybe(p, chart.half_x), least(chart.log_x)),
    chart.log_x, false);
  const y = axis(t, table.columns[chart.y],
    spans(p => p.y, p => maybe(p, chart.half_y), least(chart.log_y, chart.floor_y)), chart.log_y, true);
  if (points.some(p => p.under))
    y.axisLabel.formatter = value => (value <= chart.floor_y ? `≤ ${short(value)}` : short(value));
  spread(points, x, y);
  const series = pointSeries(chart, points, names, called, t);
  if (chart.join === 'marked' || chart.join === 'front') series.push(frontLine(points, t));
  series.push(...intervalLines(chart, points, x, y, t));
  const option = { ...base(t), series, xAxis: x, yAxis: y };
  const mains = [chart.x, chart.y, ...(chart.size === undefined ? [] : [chart.size])];
  const ownName = row => rowNames(table, [row], chart.label, chart.series).get(row);
  option.tooltip.formatter = p => rowTip(table, p.data.row, p.data.tag ?? ownName(p.data.row), mains);
  return { option, marks: points.length, keys: single || names.length < 2 ? [] : names,
    remarks: pointRemarks(chart, table, points) };
}
