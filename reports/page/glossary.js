// The words of docs/glossary.md, which the page carries: a box explains each where the page uses it.
'use strict';

/** Terms and what they mean: "**QSNR, SQNR**: energy of ..." is two terms of one meaning. */
function readGlossary() {
  const source = document.getElementById('glossary-source').textContent, terms = new Map();
  for (const entry of source.split(/\n\n+/)) {
    for (const part of entry.replace(/\s+/g, ' ').split(/(?=\*\*[^*]+\*\*: )/)) {
      const match = /^\*\*([^*]+)\*\*: (.*)$/.exec(part);
      if (!match) continue;
      const text = match[2].replace(/`|\*/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim();
      for (const term of match[1].split(', ')) terms.set(term.toLowerCase(), { term, text });
    }
  }
  return terms;
}

const glossary = readGlossary();
// Longer terms first, so that "glitch factor" is not "glitch".
const kTerms = new RegExp(`(?<![\\w-])(${[...glossary.keys()].sort((a, b) => b.length - a.length)
  .map(term => term.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})(s?)(?![\\w-])`, 'i');
// Abbreviations are terms only as they are written: "ge" and "view" in a name are not.
const isTerm = text => {
  const found = glossary.get(text.toLowerCase());
  return found && (found.term === text || /^[A-Z][a-z]/.test(found.term) ? found : null);
};

// Words of everyday: terms in the names of figures and columns, and not in sentences.
const kEveryday = new Set(['beat', 'bound', 'case', 'code', 'corner', 'design', 'engine', 'format', 'group', 'layout',
  'mapping', 'plane', 'point', 'policy', 'record', 'source', 'term', 'tile', 'trace', 'unit', 'view', 'window']);

/** Marks each term of an element once; `focus` makes it reachable by the keyboard. */
function markTerms(root, focus, everyday) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), nodes = [], seen = new Set();
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (let node of nodes) {
    for (let match; node && (match = kTerms.exec(node.data));) {
      const found = isTerm(match[1]), rest = node.splitText(match.index);
      node = rest.splitText(match[0].length);
      const known = !found || seen.has(found.text) || (!everyday && kEveryday.has(match[1].toLowerCase()));
      if (known || rest.parentElement.closest('abbr, a, code')) continue;
      seen.add(found.text);
      const mark = element('abbr', { className: 'term' });
      mark.dataset.term = found.term.toLowerCase();
      if (focus) mark.tabIndex = 0;
      rest.replaceWith(mark);
      mark.append(rest);
    }
  }
}

const glossaryBox = element('div', { id: 'gloss', className: 'tip', hidden: true, role: 'tooltip' });
document.body.append(glossaryBox);

/** The box below a word, inside the window. */
function explain(mark) {
  const { term, text } = glossary.get(mark.dataset.term);
  glossaryBox.replaceChildren(element('b', { textContent: term }), text);
  glossaryBox.hidden = false;
  const at = mark.getBoundingClientRect(), box = glossaryBox.getBoundingClientRect();
  const top = at.bottom + 6 + box.height > innerHeight ? at.top - 6 - box.height : at.bottom + 6;
  glossaryBox.style.left = `${Math.max(6, Math.min(at.left, innerWidth - box.width - 6))}px`;
  glossaryBox.style.top = `${Math.max(6, top)}px`;
}

const termOf = event => event.target.closest?.('abbr.term');
for (const type of ['pointerover', 'focusin', 'click'])
  document.addEventListener(type, event => {
    const within = type === 'focusin' ? event.target.querySelector?.(':scope > span > abbr.term') : null;
    const mark = termOf(event) ?? within;
    if (mark) explain(mark);
    else glossaryBox.hidden = true;
  });
document.addEventListener('keydown', event => { if (event.key === 'Escape') glossaryBox.hidden = true; });
document.addEventListener('scroll', () => { glossaryBox.hidden = true; }, { passive: true, capture: true });

for (const node of document.querySelectorAll('#verdict p, #verdict dd, figcaption, .note, .sources, .warning'))
  markTerms(node, true, false);
for (const node of document.querySelectorAll('.metrics dt, .metrics dd > span')) markTerms(node, true, true);
for (const node of document.querySelectorAll('.rows thead th, .table thead th')) markTerms(node, false, true);
