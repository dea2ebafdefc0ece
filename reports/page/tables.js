// Tables: sorting, filter, CSV. Without this script they are plain tables.
'use strict';

/**
 * What a table of the page holds, in the record's order: columns {name, unit, source, heading}, rows [{value, text}].
 */
function readTable(block) {
  const columns = [...block.querySelectorAll('thead th')].map(th => {
    const { name, unit, source } = th.dataset;
    return { name, unit, source, heading: unit ? `${name} [${unit}]` : name };
  });
  const cell = td => ({ text: td.textContent, raw: td.dataset.v,
    value: 'v' in td.dataset ? JSON.parse(td.dataset.v) : td.textContent });
  const rows = [...block.querySelectorAll('tbody tr')].map(tr => [...tr.cells].map(cell));
  return { columns, rows };
}

/** Numbers by value, before texts; what is missing comes last in either direction. */
function compareCells(a, b, sign) {
  if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
  const numeric = x => typeof x.value !== 'string';
  if (numeric(a) && numeric(b)) return sign * (a.value - b.value);
  if (numeric(a) !== numeric(b)) return numeric(a) ? -1 : 1;
  return sign * a.text.localeCompare(b.text, 'en', { numeric: true });
}

function csvField(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: the header and the rows that are shown, in the shown order, numbers in full precision. */
function tableCsv(block) {
  const raw = td => 'v' in td.dataset ? (td.dataset.v === 'null' ? '' : td.dataset.v) : td.textContent;
  const lines = [readTable(block).columns.map(column => column.heading)];
  for (const tr of block.querySelectorAll('tbody tr:not([hidden]), tfoot tr')) lines.push([...tr.cells].map(raw));
  return lines.map(line => line.map(csvField).join(',') + '\r\n').join('');
}

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function makeSortable(block, table) {
  const body = block.querySelector('tbody');
  const rows = [...body.rows].map((tr, i) => ({ tr, cells: table.rows[i] }));
  const heads = [...block.querySelectorAll('thead th')];
  heads.forEach((th, i) => {
    const button = element('button', { type: 'button', title: 'Sort' }, ...th.childNodes);
    button.querySelector('span').append(element('i', { ariaHidden: 'true' }));
    th.append(button);
    button.addEventListener('click', () => {
      // A third click restores the record's order.
      const next = { ascending: 'descending', descending: null }[th.getAttribute('aria-sort')];
      const order = next === undefined ? 'ascending' : next;
      for (const other of heads) other.removeAttribute('aria-sort');
      const sorted = [...rows];
      if (order) {
        th.setAttribute('aria-sort', order);
        sorted.sort((a, b) => compareCells(a.cells[i], b.cells[i], order === 'ascending' ? 1 : -1));
      }
      body.append(...sorted.map(row => row.tr));
    });
  });
}

function makeFilter(block, bar) {
  const rows = [...block.querySelectorAll('tbody tr')];
  if (rows.length < 12) return;
  const count = element('output', { textContent: `${rows.length} rows` });
  const input = element('input', { type: 'search', placeholder: 'Filter rows',
    ariaLabel: `Filter rows of ${block.getAttribute('aria-label')}` });
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const tr of rows) {
      const text = [...tr.cells].map(td => `${td.textContent} ${td.dataset.v ?? ''}`).join(' ').toLowerCase();
      tr.hidden = !words.every(word => text.includes(word));
    }
    const shown = rows.filter(tr => !tr.hidden).length;
    count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
    const foot = block.querySelector('tfoot');
    if (foot) foot.hidden = shown !== rows.length;  // the total is that of every row
  });
  bar.append(count, input);
}

function makeCsvButtons(block, bar) {
  const copy = element('button', { type: 'button', textContent: 'Copy CSV' });
  copy.addEventListener('click', async () => {
    const text = tableCsv(block);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages opened as files may have no clipboard access.
      const area = element('textarea', { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    copy.textContent = 'Copied';
    setTimeout(() => { copy.textContent = 'Copy CSV'; }, 1500);
  });
  const save = element('button', { type: 'button', textContent: 'Download CSV' });
  save.addEventListener('click', () => {
    const link = element('a', { href: URL.createObjectURL(new Blob([tableCsv(block)], { type: 'text/csv' })) });
    link.download = block.getAttribute('aria-label').replace(/[^\w.-]+/g, '-').slice(0, 60) + '.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  bar.append(copy, save);
}

/** Says on which sides a table goes on beyond its box. */
function showEdges(scroll) {
  const frame = scroll.parentElement, mark = () => {
    frame.dataset.right = scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft > 2;
    frame.dataset.below = scroll.scrollHeight - scroll.clientHeight - scroll.scrollTop > 2;
  };
  scroll.addEventListener('scroll', mark, { passive: true });
  const watch = new ResizeObserver(mark);
  watch.observe(scroll);
  watch.observe(scroll.firstElementChild);
}

/** Reads every table before any is touched: charts draw from these. */
const tables = new Map([...document.querySelectorAll('.table')].map(block => [block.id, readTable(block)]));
for (const block of document.querySelectorAll('.table')) {
  const bar = block.querySelector('.bar');
  makeSortable(block, tables.get(block.id));
  makeFilter(block, bar);
  makeCsvButtons(block, bar);
  showEdges(block.querySelector('.scroll'));
}
document.querySelector('nav details').open = matchMedia('(min-width: 1180px)').matches;
