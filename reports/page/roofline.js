// Rooflines: one roof per design, or several where rows of a design have different roofs.
'use strict';

/** How long the part is with which all texts begin, up to where a name may be cut. */
function sharedStart(texts) {
  let length = 0;
  while (length < texts[0].length && texts.every(text => text[length] === texts[0][length])) ++length;
  return Math.max(...['.', ' ', ':', '/'].map(end => texts[0].lastIndexOf(end, length - 1))) + 1;
}

function roofsOf(chart, rows) {
  const roofs = [];
  for (const row of rows) {
    const design = row[chart.design].text, peak = row[chart.peak].value, bandwidth = row[chart.bandwidth].value;
    let roof = roofs.find(r => r.design === design && r.peak === peak && r.bandwidth === bandwidth);
    if (!roof) roofs.push(roof = { design, peak, bandwidth, ridge: peak / bandwidth, rows: [] });
    roof.rows.push(row);
  }
  for (const roof of roofs) {
    const alone = roofs.filter(r => r.design === roof.design).length === 1;
    roof.name = alone ? roof.design : `${roof.design}, ${short(roof.peak)} and ${short(roof.bandwidth)}`;
  }
  return roofs;
}

/** Rows within half a percent of each other are one mark, which says how many it stands for. */
function roofPlaces(chart, table, roofs, rows) {
  const near = (a, b) => Math.abs(a - b) <= 0.005 * b, places = [];
  for (const [i, r] of roofs.entries()) {
    for (const row of r.rows) {
      const value = [row[chart.intensity].value, row[chart.attained].value];
      const place = places.find(p => p.roof === i && near(value[0], p.value[0]) && near(value[1], p.value[1]));
      if (place) place.rows.push(row);
      else places.push({ value, row, rows: [row], roof: i });
    }
  }
  const called = rowNames(table, rows, chart.name, chart.design);
  const common = rows.length > 1 ? sharedStart(rows.map(row => called.get(row))) : 0;
  for (const place of places) {
    place.here = place.rows.map(row => called.get(row).slice(common));
    place.tag = place.here[0] + (place.here.length > 1 ? ` and ${place.here.length - 1} more` : '');
  }
  return places;
}

/** A roof is straight below its ridge where both axes are logarithmic, and only there. */
function roofAxes(chart, table, t, rows, roofs) {
  const xs = [...rows.map(row => row[chart.intensity].value), ...roofs.map(r => r.ridge)];
  const low = Math.min(...xs) / 2, high = Math.max(...xs) * 2;
  const ys = [...rows.map(row => row[chart.attained].value),
    ...roofs.flatMap(r => [r.peak, Math.min(r.peak, r.bandwidth * low)])];
  return { xAxis: axis(t, table.columns[chart.intensity], [low, high], 'always', false),
    yAxis: axis(t, table.columns[chart.attained], ys, 'always', true) };
}

function roofSeries(roofs, places, x, t) {
  const line = r => [x.min, x.max, r.ridge].sort((a, b) => a - b).map(v => [v, Math.min(r.peak, r.bandwidth * v)]);
  return roofs.flatMap((r, i) => [
    { type: 'line', name: r.name, data: line(r), symbol: 'none', color: t.colour(i), lineStyle: { width: 2 },
      silent: true, tooltip: { show: false } },
    { type: 'scatter', name: r.name, color: t.colour(i), symbol: t.symbol(i), symbolSize: 11,
      cursor: 'default', itemStyle: { color: t.colour(i), borderColor: t.card, borderWidth: 1 },
      data: places.filter(p => p.roof === i), emphasis: { scale: 1.4 } }]);
}

/** How far a point is below its roof, and on which side of the ridge. */
function roofTip(chart, table, { row, here }, roof) {
  const limit = Math.min(roof.peak, roof.bandwidth * row[chart.intensity].value);
  const list = here.length > 1
    ? [[`${here.length} rows here`, here.slice(0, 15).join(', ') + (here.length > 15 ? ', ...' : ''), true]] : [];
  return rowTip(table, row, row[chart.name].text, [chart.intensity, chart.attained], [...list,
    ['roof here', withUnit(short(limit), table.columns[chart.attained])],
    ['of the roof', `${short(100 * row[chart.attained].value / limit)} %`, true],
    ['bound by', row[chart.intensity].value < roof.ridge ? 'memory' : 'compute', true]]);
}

function rooflineOption(chart, table, t) {
  const wanted = [chart.intensity, chart.attained, chart.peak, chart.bandwidth];
  const rows = table.rows.filter(row => wanted.every(c => isNumber(row[c]) && row[c].value > 0));
  if (!rows.length) return null;
  const roofs = roofsOf(chart, rows), places = roofPlaces(chart, table, roofs, rows);
  const axes = roofAxes(chart, table, t, rows, roofs);
  const option = { ...base(t), series: roofSeries(roofs, places, axes.xAxis, t), ...axes };
  option.tooltip.formatter = p => roofTip(chart, table, p.data, roofs[p.data.roof]);
  const notes = places.length < rows.length
    ? [`${rows.length} rows at ${places.length} ${places.length === 1 ? 'place' : 'places'}`] : [];
  return { option, marks: places.length, keys: roofs.map(roof => roof.name), remarks: notes };
}
