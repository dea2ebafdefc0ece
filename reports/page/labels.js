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
    const at = data.map(d => chart.convertToPixel({ gridIndex: 0 }, d.value ?? d));
    for (let i = 1; i < at.length; ++i) {
      const [[x, y], [u, v]] = [at[i - 1], at[i]], steps = Math.ceil(Math.hypot(u - x, v - y) / 6);
      for (let k = 0; k <= steps; ++k) boxes.push(around([x + (u - x) * k / steps, y + (v - y) * k / steps], 1));
    }
  }
  return boxes;
}

/** Shows the name (`tag`) of each point that has one: clear of points, of other names and, where possible, of lines. */
function placeNames(chart, t) {
  const series = chart.getOption().series, [xAxis] = chart.getOption().xAxis ?? [],
    [yAxis] = chart.getOption().yAxis ?? [];
  const named = series.flatMap(s => (s.data ?? []).filter(d => d && d.tag));
  if (!named.length) return;
  const [left, bottom] = chart.convertToPixel({ gridIndex: 0 }, [xAxis.min, yAxis.min]);
  const [right, top] = chart.convertToPixel({ gridIndex: 0 }, [xAxis.max, yAxis.max]);
  const size = narrow() ? 10 : 11, pen = document.createElement('canvas').getContext('2d');
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  const half = d => (d.symbolSize ?? 11) / 2 + 1, spot = d => chart.convertToPixel({ gridIndex: 0 }, d.value);
  const points = series.flatMap(s => s.data.filter(d => d && d.row).map(d => around(spot(d), half(d))));
  const lines = alongLines(chart, series), taken = [];
  const data = series.map(s => s.data.map(d => {
    if (!d || !d.tag) return d;
    const width = pen.measureText(d.tag).width + 2, own = spot(d);
    const places = kSides.map(side => ({ side, box: nameBox(own, half(d) - 1, side, width, size + 3) }))
      .filter(({ box }) => box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom)
      .filter(({ box }) => ![...points, ...taken].some(other => meet(box, other)));
    const best = places.find(({ box }) => !lines.some(line => meet(box, line))) ?? places[0];
    if (!best) return { ...d, label: { show: false } };
    taken.push(best.box);
    return { ...d, label: { show: true, position: best.side[0], offset: best.side.slice(1), distance: kGap,
      color: t.ink, fontSize: size, lineHeight: size + 3, formatter: p => p.data.tag } };
  }));
  chart.setOption({ series: data.map(points => ({ data: points })) });
}
