
// --- elements ---

// An element with attributes and properties; children that are strings become text, never markup.
const el = (tag, properties = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function' || typeof value === 'boolean') node[name] = value;
    else if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== ''));
  return node;
};

const SIGNS = { passed: '✓', failed: '✗', error: '!', scored: '·' };

const signOf = (state) => [
  el('span', { class: `sign ${state}`, 'aria-hidden': 'true' }, SIGNS[state]),
  el('span', { class: 'visually-hidden' }, state),
];

// Empty for an amount that is not known: where nobody knows a price, no row needs to say so.
const scoreText = (metric, value) => {
  if (value === null) return metric.scale === 'amount' ? '' : `${metric.name} –`;
  if (metric.scale === 'binary' && (value === 0 || value === 1)) return `${metric.name} ${value ? '✓' : '✗'}`;
  return metric.unit ? valueText(value, metric.unit) : `${metric.name} ${valueText(value, metric.unit)}`;
};

// --- the list ---

const BEYOND = 6; // Rows that are kept above and below what is seen.
const LONGEST_IN_ROW = 400;

const firstOf = (text) => textOf(text).slice(0, LONGEST_IN_ROW).replace(/\n{2,}/g, '\n');

// A list of any length: only the rows in sight are in the page. `onPick(index)` is called for the row under the cursor,
// `onOpen(index)` where it is to be seen in full, `onSort(key)` for a heading.
class CaseList {
  constructor(table, { onPick, onOpen, onSort }) {
    this.table = table;
    this.handlers = { onPick, onOpen, onSort };
    this.indices = [];
    this.rows = new Map();
    this.cursor = -1;
    this.space = el('div', { class: 'space', role: 'rowgroup' });
    this.head = el('div', { class: 'head', role: 'row' });
    this.root = el('div', {
      class: 'list', role: 'grid', tabindex: '0', 'aria-label': 'Cases',
      onscroll: () => requestAnimationFrame(() => this.draw()),
      onkeydown: (event) => this.onKey(event),
    }, el('div', { role: 'rowgroup' }, this.head), this.space);
    new ResizeObserver(() => this.measure()).observe(this.root);
  }

  show(indices, view) {
    const picked = this.indices[this.cursor];
    this.indices = indices;
    this.view = view;
    this.cursor = indices.indexOf(picked);
    this.root.style.setProperty('--columns', view.shown.length);
    this.root.setAttribute('aria-rowcount', indices.length + 1);
    this.root.setAttribute('aria-colcount', view.shown.length + 2);
    this.head.replaceChildren(...this.headings());
    this.measure();
  }

  headings() {
    const { shown, sort, desc } = this.view;
    const heading = (key, text) => el('div', {
      role: 'columnheader', 'aria-sort': sort === key ? (desc ? 'descending' : 'ascending') : 'none',
    }, el('button', { type: 'button', onclick: () => this.handlers.onSort(key) },
      text, sort === key ? el('span', { 'aria-hidden': 'true' }, desc ? ' ▼' : ' ▲') : ''));
    return [
      heading('case', 'case'),
      heading('expected', 'expected'),
      ...shown.map((column) => heading(`${column}.result`, this.table.columns[column].name)),
    ];
  }

  // Rows are as high as the style has it, which depends on how wide the list is.
  measure() {
    const before = this.rowHeight;
    const probe = el('div', { class: 'row' });
    this.space.append(probe);
    this.rowHeight = probe.offsetHeight;
    probe.remove();
    this.space.style.height = `${this.indices.length * this.rowHeight}px`;
    this.space.replaceChildren(...(this.indices.length ? [] : [el('p', { class: 'empty' }, 'No case fits.')]));
    if (!this.indices.length) this.space.style.height = '';
    this.rows.clear();
    if (before && before !== this.rowHeight) {
      this.root.scrollTop *= this.rowHeight / before;
      this.bringIntoSight();
    }
    this.draw();
  }

  draw() {
    if (!this.rowHeight || !this.indices.length) return;
    const first = Math.max(0, Math.floor(this.root.scrollTop / this.rowHeight) - BEYOND);
    const last = Math.min(this.indices.length, Math.ceil((this.root.scrollTop + this.root.clientHeight) / this.rowHeight) + BEYOND);
    for (const [position, row] of this.rows) {
      if (position >= first && position < last) continue;
      row.remove();
      this.rows.delete(position);
    }
    for (let position = first; position < last; position += 1) {
      if (this.rows.has(position)) continue;
      const row = this.rowAt(position);
      this.rows.set(position, row);
      this.space.append(row);
    }
    this.mark();
  }

  rowAt(position) {
    const one = this.table.cases[this.indices[position]];
    const row = el('div', {
      class: 'row', role: 'row', id: `case-${position}`, 'aria-rowindex': position + 2,
      onclick: () => { this.moveTo(position); this.handlers.onOpen(this.indices[position]); },
    },
    el('div', { class: 'case', role: 'rowheader' },
      el('div', { class: 'clamp', dir: 'auto' }, firstOf(this.table.titleOf(one))), el('div', { class: 'id' }, one.id)),
    el('div', { class: 'wanted', role: 'gridcell' },
      el('span', { class: 'name' }, 'expected'),
      el('div', { class: 'clamp', dir: 'auto' }, one.expected === undefined ? '–' : firstOf(one.expected))),
    this.view.shown.map((column) => this.answerCell(one.results[column], this.table.columns[column])));
    row.style.top = `${position * this.rowHeight}px`;
    return row;
  }

  answerCell(result, column) {
    if (!result) return el('div', { class: 'answer unread', role: 'gridcell' }, 'not in this cell');
    const scores = this.metricsInOrder().map((index) => scoreText(this.table.metrics[index], result.scores[index]))
      .filter(Boolean).join('  ');
    const known = result.error ? el('div', { class: 'clamp', dir: 'auto' }, firstOf(result.error))
      : result.answers ? el('div', { class: 'clamp', dir: 'auto' }, firstOf(result.answers[0].output))
        : el('div', { class: 'clamp unread' }, column.answers ? 'no answer' : 'the answer is not on the machine that wrote this');
    return el('div', { class: 'answer', role: 'gridcell' },
      el('div', { class: 'verdict' }, signOf(result.state), el('span', { class: 'name' }, column.name),
        el('span', { class: 'scores' }, result.error ? 'error' : scores)),
      known);
  }

  // What the list is sorted by first: there may be no room for all.
  metricsInOrder() {
    const { metrics, judged } = this.table;
    const rank = (index) => (this.view.sort.endsWith(`.=${metrics[index].name}`) ? 0 : judged.includes(index) ? 1 : 2);
    return metrics.map((_, index) => index).sort((x, y) => rank(x) - rank(y));
  }

  mark() {
    for (const [position, row] of this.rows) row.setAttribute('aria-selected', position === this.cursor);
    const active = this.rows.get(this.cursor);
    if (active) this.root.setAttribute('aria-activedescendant', active.id);
    else this.root.removeAttribute('aria-activedescendant');
  }

  // Puts the cursor there, in sight.
  moveTo(position) {
    this.cursor = Math.max(0, Math.min(this.indices.length - 1, position));
    this.bringIntoSight();
    this.draw();
    this.handlers.onPick(this.indices[this.cursor]);
  }

  bringIntoSight() {
    if (this.cursor < 0) return;
    const top = this.cursor * this.rowHeight, head = this.head.offsetHeight;
    const bottom = top + this.rowHeight + head;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    if (bottom > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = bottom - this.root.clientHeight;
  }

  onKey(event) {
    if (event.target !== this.root || event.ctrlKey || event.metaKey || event.altKey || !this.indices.length) return;
    const page = Math.max(1, Math.floor(this.root.clientHeight / this.rowHeight) - 1);
    const to = {
      ArrowDown: this.cursor + 1, ArrowUp: this.cursor - 1, PageDown: this.cursor + page, PageUp: this.cursor - page,
      Home: 0, End: this.indices.length - 1,
    }[event.key];
    if (to !== undefined) this.moveTo(to);
    else if (event.key === 'Enter' && this.cursor >= 0) this.handlers.onOpen(this.indices[this.cursor]);
    else return;
    event.preventDefault();
  }
}
