// Names of points: beside their points where nothing else is; a name without room is left to the tooltip.
'use strict';

const kSides = [['right', 0, 0], ['left', 0, 0], ['top', 0, 0], ['bottom', 0, 0],
  ['right', 0, -13], ['right', 0, 13], ['left', 0, -13], ['left', 0, 13],
  ['top', 30, -4], ['top', -30, -4], ['bottom', 30, 4], ['bottom', -30, 4],
  ['right', 0, -26], ['right', 0, 26], ['left', 0, -26], ['left', 0, 26]];
const kGap = 6;

const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const around = ([x, y], half) => ({ left: x - half, right: x + half, top: y - half, bottom: y + half });

/** Where a name of this size lies when put on one side of a point. */
function nameBox([x, y], half, [side, dx, dy], width, height) {
  const left = { right: x + half + kGap, left: x - half - kGap - width }[side] ?? x - width / 2;
  const top = { top: y - half - kGap - height, bottom: y + half + kGap }[side] ?? y - height / 2;
  return { left: left + dx, right: left + dx + width, top: top + dy, bottom: top + dy + height };
}

/** Small boxes along the lines of a chart, in pixels. */
function alongLines(chart, series) {
  const boxes = [];
  for (const { data } of series.filter(s => s.type === 'line')) {
    const at = data.map(d => (d.value ?? d)[0] === '-' ? null : chart.convertToPixel({ gridIndex: 0 }, d.value ?? d));
    for (let i = 1; i < at.length; ++i) {
      if (!at[i - 1] || !at[i]) continue;
      const [[x, y], [u, v]] = [at[i - 1], at[i]], steps = Math.ceil(Math.hypot(u - x, v - y) / 6);
      for (let k = 0; k <= steps; ++k) boxes.push(around([x + (u - x) * k / steps, y + (v - y) * k / steps], 1));
    }
  }
  return boxes;
}

/** The middle of a point in pixels. */
function spotOf(chart, d) {
  const [x, y] = chart.convertToPixel({ gridIndex: 0 }, d.value), [right, down] = d.shift ?? [0, 0];
  return [x + right, y + down];
}

/** A place for each of `named`, the front's first: clear of points, of other names and, if it can be, of lines. */
function findPlaces(chart, named, points, lines, inside, size) {
  const pen = document.createElement('canvas').getContext('2d'), taken = [], found = new Map();
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  for (const d of [...named].sort((a, b) => (b.first ? 1 : 0) - (a.first ? 1 : 0))) {
    const width = pen.measureText(d.tag).width + 2, own = spotOf(chart, d), half = (d.symbolSize ?? 11) / 2;
    const places = kSides.map(side => ({ side, box: nameBox(own, half, side, width, size + 3) })).filter(({ box }) =>
      box.left >= inside.left && box.right <= inside.right && box.top >= inside.top && box.bottom <= inside.bottom &&
      ![...points, ...taken].some(other => meet(box, other)));
    const best = places.find(({ box }) => !lines.some(line => meet(box, line))) ?? places[0];
    if (!best) continue;
    taken.push(best.box);
    found.set(d, best.side);
  }
  return found;
}

/** Shows the name (`tag`) of each point that has one and a place for it. */
function placeNames(chart, t) {
  const series = chart.getOption().series, [xAxis] = chart.getOption().xAxis ?? [],
    [yAxis] = chart.getOption().yAxis ?? [];
  const named = series.flatMap(s => (s.data ?? []).filter(d => d && d.tag));
  if (!named.length) return;
  const [left, bottom] = chart.convertToPixel({ gridIndex: 0 }, [xAxis.min, yAxis.min]);
  const [right, top] = chart.convertToPixel({ gridIndex: 0 }, [xAxis.max, yAxis.max]);
  const size = narrow() ? 10 : 11;
  const points = series.flatMap(s => s.data.filter(d => d && d.row)
    .map(d => around(spotOf(chart, d), (d.symbolSize ?? 11) / 2 + 1)));
  const found = findPlaces(chart, named, points, alongLines(chart, series), { left, right, top, bottom }, size);
  const shown = d => {
    const place = found.get(d);
    if (!place) return { ...d, label: { show: false } };
    return { ...d, label: { show: true, position: place[0], offset: place.slice(1), distance: kGap,
      color: d.first || !named.some(other => other.first) ? t.ink : t.soft, fontSize: size, lineHeight: size + 3,
      formatter: p => p.data.tag } };
  };
  chart.setOption({ series: series.map(s => ({ data: s.data.map(d => (d && d.tag ? shown(d) : d)) })) });
}
