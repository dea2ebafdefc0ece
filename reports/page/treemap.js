// Treemaps: rectangles whose areas are values.
'use strict';

/** Rows with a value, the largest first, and what they come to, all together and in groups. */
function areasOf(chart, table) {
  const rows = table.rows.filter(row => isNumber(row[chart.value]) && row[chart.value].value > 0);
  const sum = some => some.reduce((all, row) => all + row[chart.value].value, 0), total = sum(rows);
  const groupOf = row => (chart.group === null ? '' : row[chart.group].text);
  const groups = chart.group === null ? [] : [...new Set(rows.map(groupOf))];
  const share = value => `${short(Number((100 * value / total).toPrecision(3)))} %`;
  const bySize = [...rows].sort((a, b) => b[chart.value].value - a[chart.value].value);
  return { rows, bySize, groups, total, share, inGroup: name => bySize.filter(row => groupOf(row) === name), sum };
}

/** What the key says: of every group its largest parts, or the largest parts of all. */
function areaNotes(chart, { bySize, groups, share, inGroup, sum }) {
  const part = row => `${row[chart.name].text} ${share(row[chart.value].value)}`;
  if (!groups.length) return bySize.slice(0, kColours).map(part);
  return groups.map(name =>
    `${name} ${share(sum(inGroup(name)))}: ${inGroup(name).slice(0, 4).map(part).join(', ')}`);
}

function areaSeries(chart, areas, t) {
  const { bySize, groups, total, share, inGroup } = areas, grouped = groups.length > 0;
  const leaf = (row, i) => ({ name: row[chart.name].text, value: row[chart.value].value, row,
    itemStyle: { color: t.colour(i) } });
  const data = grouped
    ? groups.map((name, i) => ({ name, itemStyle: { color: t.colour(i), borderColor: t.colour(i) },
        children: inGroup(name).map(row => leaf(row, i)) }))
    : bySize.map(leaf);
  return { type: 'treemap', data, left: 0, right: 0, top: 0, bottom: 0, roam: false,
    nodeClick: false, breadcrumb: { show: false }, visibleMin: 0,
    itemStyle: { borderColor: t.card, borderWidth: 1, gapWidth: 2 }, cursor: 'default',
    label: { color: t.on, fontSize: 12, lineHeight: 16, overflow: 'truncate',
      formatter: p => (p.value / total < (narrow() ? 0.06 : 0.03) ? '' : `${p.name}\n${share(p.value)}`) },
    upperLabel: { show: grouped, height: 20, color: t.on, fontSize: 12, fontWeight: 'bold',
      formatter: p => (p.name ? `${p.name}  ${share(p.value)}` : '') },
    emphasis: { itemStyle: { borderColor: t.ink }, upperLabel: { show: grouped, color: t.on } },
    levels: [{ itemStyle: { borderColor: t.card, borderWidth: 0, gapWidth: 3 }, upperLabel: { show: false } }] };
}

function treemapOption(chart, table, t) {
  const column = table.columns[chart.value], areas = areasOf(chart, table), { rows, share } = areas;
  if (!rows.length) return null;
  const option = base(t);
  delete option.grid;
  option.series = [areaSeries(chart, areas, t)];
  option.tooltip.formatter = p => {
    const whole = ['share of the whole', share(p.value), true];
    if (p.data && p.data.row) return rowTip(table, p.data.row, p.name, [chart.value], [whole]);
    return tip(p.name || 'all', [[column.name, withUnit(short(p.value), column), true], whole], [column.source]);
  };
  return { option, marks: rows.length, keys: [], notes: areaNotes(chart, areas),
    height: rows.length < 2 ? 90 : narrow() ? 320 : 380 };
}
