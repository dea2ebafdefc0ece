// Draws every chart when it is first seen, and again when theme or width change.
'use strict';

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
    figure.dataset.narrow = narrow();
    return;
  }
  plot.style.height = made.height ? `${made.height}px` : '';
  figure.dataset.marks = made.marks;
  figure.dataset.narrow = narrow();
  figure.dataset.ink = t.ink;
  const chart = echarts.init(plot, null, { renderer: 'svg' });
  made.option.legend.data = made.keys;
  chart.setOption(made.option);
  placeNames(chart, t);
  drawKey(figure, chart, made);
}

const figures = [...document.querySelectorAll('figure[data-chart]')];
/** What is folded has no width: it is drawn when it opens. */
const seen = figure => figure.querySelector('.plot').clientWidth > 0;
const drawAll = () => figures.filter(seen).forEach(drawChart);
drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
matchMedia('print').addEventListener('change', drawAll);  // paper has its own colours
const watch = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const figure = target.closest('figure'), chart = echarts.getInstanceByDom(target);
    if (!seen(figure)) continue;
    if (figure.dataset.narrow !== String(narrow()) || (chart && figure.dataset.ink !== theme().ink)) drawChart(figure);
    else if (chart && chart.getWidth() !== target.clientWidth) {
      chart.resize();
      placeNames(chart, theme());
    }
  }
});
for (const figure of figures) watch.observe(figure.querySelector('.plot'));

/** Opens whatever is folded around the target of a link, and the target. */
function openTarget() {
  const id = decodeURIComponent(location.hash.slice(1)), target = id && document.getElementById(id);
  if (!target) return;
  for (let node = target; node; node = node.parentElement) if (node.tagName === 'DETAILS') node.open = true;
  target.scrollIntoView();
}
addEventListener('hashchange', openTarget);
openTarget();
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll('main details:not(.provenance)')) folded.open = true;
  drawAll();
});
