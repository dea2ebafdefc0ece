// Treemap and roofline, and what draws, themes and resizes every chart.
'use strict';

function treemapOption(chart, table, t) {
  const column = table.columns[chart.value];
  const rows = table.rows.filter(row => isNumber(row[chart.value]) && row[chart.value].value > 0);
  if (!rows.length) return null;
  const total = rows.reduce((sum, row) => sum + row[chart.value].value, 0);
  const share = value => `${short(Number((100 * value / total).toPrecision(3)))} %`;
  const grouped = chart.group !== null;
  const groups = grouped ? [...new Set(rows.map(row => row[chart.group].text))] : [];
  const leaf = (row, i) => ({ name: row[chart.name].text, value: row[chart.value].value, row,
    itemStyle: { color: t.colour(grouped ? groups.indexOf(row[chart.group].text) : i) } });
  const bySize = rows.map((row, i) => ({ row, i })).sort((a, b) => b.row[chart.value].value - a.row[chart.value].value);
  const data = grouped
    ? groups.map((name, i) => ({ name, itemStyle: { color: t.colour(i), borderColor: t.colour(i) },
        children: rows.filter(row => row[chart.group].text === name).map(leaf) }))
    : bySize.map(({ row }, rank) => leaf(row, rank));
  const option = base(t);
  delete option.grid;
  option.series = [{ type: 'treemap', data, left: 0, right: 0, top: 0, bottom: 0, roam: false,
    nodeClick: false, breadcrumb: { show: false }, visibleMin: 0,
    itemStyle: { borderColor: t.card, borderWidth: 1, gapWidth: 2 }, cursor: 'default',
    label: { color: t.on, fontSize: 12, lineHeight: 16, overflow: 'truncate',
      formatter: p => (p.value / total < (narrow() ? 0.06 : 0.03) ? '' : `${p.name}\n${share(p.value)}`) },
    upperLabel: { show: grouped, height: 20, color: t.on, fontSize: 12, fontWeight: 'bold',
      formatter: p => (p.name ? `${p.name}  ${share(p.value)}` : '') },
    emphasis: { itemStyle: { borderColor: t.ink }, upperLabel: { show: grouped, color: t.on } },
    levels: [{ itemStyle: { borderColor: t.card, borderWidth: 0, gapWidth: 3 }, upperLabel: { show: false } }] }];
  option.tooltip.formatter = p => {
    if (p.data && p.data.row) return rowTip(table, p.data.row, p.name, [chart.value],
      [['share of the whole', share(p.value), true]]);
    return tip(p.name || 'all', [[column.name, withUnit(short(p.value), column), true],
      ['share of the whole', share(p.value), true]], [column.source]);
  };
  const parts = name => bySize.filter(({ row }) => row[chart.group].text === name).slice(0, 4)
    .map(({ row }) => `${row[chart.name].text} ${share(row[chart.value].value)}`);
  const whole = name => rows.filter(row => row[chart.group].text === name)
    .reduce((sum, row) => sum + row[chart.value].value, 0);
  const notes = grouped ? groups.map(name => `${name} ${share(whole(name))}: ${parts(name).join(', ')}`)
    : bySize.slice(0, kColours).map(({ row }) => `${row[chart.name].text} ${share(row[chart.value].value)}`);
  return { option, marks: rows.length, keys: [], notes, height: rows.length < 2 ? 90 : narrow() ? 320 : 380 };
}

/** How long the part is with which all texts begin, up to where a name may be cut. */
function sharedStart(texts) {
  let length = 0;
  while (length < texts[0].length && texts.every(text => text[length] === texts[0][length])) ++length;
  return Math.max(...['.', ' ', ':', '/'].map(end => texts[0].lastIndexOf(end, length - 1))) + 1;
}

/**
 * One roof per design, or several where rows of a design have different roofs; the tooltip says how far a point is
 * below its roof, and on which side of the ridge.
 */
function rooflineOption(chart, table, t) {
  const wanted = [chart.intensity, chart.attained, chart.peak, chart.bandwidth];
  const rows = table.rows.filter(row => wanted.every(c => isNumber(row[c]) && row[c].value > 0));
  if (!rows.length) return null;
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
  const names = roofs.map(roof => roof.name);
  const xs = [...rows.map(row => row[chart.intensity].value), ...roofs.map(r => r.ridge)];
  const low = Math.min(...xs) / 2, high = Math.max(...xs) * 2;
  const ys = [...rows.map(row => row[chart.attained].value),
    ...roofs.flatMap(r => [r.peak, Math.min(r.peak, r.bandwidth * low)])];
  // A roof is straight below its ridge where both axes are logarithmic, and only there.
  const x = axis(t, table.columns[chart.intensity], [low, high], 'always', false),
    y = axis(t, table.columns[chart.attained], ys, 'always', true);
  const edge = [x.min, x.max];
  const line = r => edge.concat(r.ridge).sort((a, b) => a - b).map(v => [v, Math.min(r.peak, r.bandwidth * v)]);
  const bounds = (row, r) => {
    const limit = Math.min(r.peak, r.bandwidth * row[chart.intensity].value);
    return [['roof here', withUnit(short(limit), table.columns[chart.attained])],
      ['of the roof', `${short(100 * row[chart.attained].value / limit)} %`, true],
      ['bound by', row[chart.intensity].value < r.ridge ? 'memory' : 'compute', true]];
  };
  // Rows within half a percent of each other are one mark, which says how many it stands for.
  const near = (a, b) => Math.abs(a - b) <= 0.005 * b;
  const places = [];
  for (const [i, r] of roofs.entries()) {
    for (const row of r.rows) {
      const value = [row[chart.intensity].value, row[chart.attained].value];
      const place = places.find(p => p.roof === i && near(value[0], p.value[0]) && near(value[1], p.value[1]));
      if (place) place.rows.push(row);
      else places.push({ value, row, rows: [row], roof: i });
    }
  }
  const called = rowNames(table, rows, chart.name, chart.design);
  const all = rows.map(row => called.get(row)), common = rows.length > 1 ? sharedStart(all) : 0;
  const brief = row => called.get(row).slice(common);
  for (const place of places) {
    place.here = place.rows.map(brief);
    place.tag = place.here[0] + (place.here.length > 1 ? ` and ${place.here.length - 1} more` : '');
  }
  const series = roofs.flatMap((r, i) => [
    { type: 'line', name: r.name, data: line(r), symbol: 'none', color: t.colour(i), lineStyle: { width: 2 },
      silent: true, tooltip: { show: false } },
    { type: 'scatter', name: r.name, color: t.colour(i), symbol: t.symbol(i), symbolSize: 11,
      cursor: 'default', itemStyle: { color: t.colour(i), borderColor: t.card, borderWidth: 1 },
      data: places.filter(p => p.roof === i), emphasis: { scale: 1.4 } }]);
  const option = { ...base(t), series, xAxis: x, yAxis: y };
  option.tooltip.formatter = p => {
    const { row, roof, here } = p.data;
    const list = here.length > 1
      ? [[`${here.length} rows here`, here.slice(0, 15).join(', ') + (here.length > 15 ? ', ...' : ''), true]] : [];
    return rowTip(table, row, row[chart.name].text, [chart.intensity, chart.attained],
      [...list, ...bounds(row, roofs[roof])]);
  };
  const notes = places.length < rows.length
    ? [`${rows.length} rows at ${places.length} ${places.length === 1 ? 'place' : 'places'}`] : [];
  return { option, marks: places.length, keys: names, remarks: notes };
}

const kOptions = { scatter: scatterOption, treemap: treemapOption, bars: barsOption, roofline: rooflineOption };

function keyShape(i) {
  const box = element('span');
  const shape = kShapes[Math.floor(i / kColours) % kShapes.length];
  const fill = `fill: var(--c${i % kColours})`;
  box.innerHTML = `<svg viewBox="0 0 12 12" aria-hidden="true"><path d="${shape}" style="${fill}"/></svg>`;
  return box.firstChild;
}

/** The legend: a button per series that shows or hides it, or plain notes. */
function drawKey(figure, chart, { keys, notes = [], remarks = [] }) {
  const key = figure.querySelector('.key');
  key.replaceChildren(...remarks.map(text => element('span', { textContent: text })),
    ...notes.map((text, i) => element('span', {}, keyShape(i), text)), ...keys.map((name, i) => {
      const button = element('button', { type: 'button', ariaPressed: 'true', title: 'Show or hide' },
        keyShape(i), name || '(none)');
    button.addEventListener('click', () => {
      chart.dispatchAction({ type: 'legendToggleSelect', name });
      button.ariaPressed = String(button.ariaPressed !== 'true');
    });
    return button;
  }));
}

function drawChart(figure) {
  const spec = JSON.parse(figure.dataset.chart), plot = figure.querySelector('.plot'), t = theme();
  const made = kOptions[spec.kind](spec, tables.get(spec.table), t);
  const old = echarts.getInstanceByDom(plot);
  if (old) old.dispose();
  if (!made) {
    plot.style.height = 'auto';
    plot.textContent = 'No value to plot.';
    return;
  }
  plot.style.height = made.height ? `${made.height}px` : '';
  figure.dataset.marks = made.marks;
  figure.dataset.narrow = narrow();
  const chart = echarts.init(plot, null, { renderer: 'svg' });
  made.option.legend.data = made.keys;
  chart.setOption(made.option);
  placeNames(chart, t);
  drawKey(figure, chart, made);
}

const figures = [...document.querySelectorAll('figure[data-chart]')];
const drawAll = () => figures.forEach(drawChart);
drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
matchMedia('print').addEventListener('change', drawAll);  // paper has its own colours
const watch = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const figure = target.closest('figure'), chart = echarts.getInstanceByDom(target);
    if (!chart) continue;
    if (figure.dataset.narrow !== String(narrow())) drawChart(figure);
    else if (chart.getWidth() !== target.clientWidth) {
      chart.resize();
      placeNames(chart, theme());
    }
  }
});
for (const figure of figures) watch.observe(figure.querySelector('.plot'));
