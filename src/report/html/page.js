
// --- the browser of cases: tools, list and detail, and what of it the address holds ---

const MOST_SHOWN = 4; // Columns, to begin with.
const LABELS = {
  all: 'All', failed: 'Failed', error: 'Errors', changed: 'Changed', worse: 'Worse', better: 'Better',
};
const COMPARING = ['changed', 'worse', 'better'];

const debounced = (wait, act) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
};

const field = (label, control, className = '') => el('div', { class: `field ${className}` },
  el('label', { for: control.id }, label), control);

const selectOf = (id, groups, onchange) => el('select', { id, onchange: (event) => onchange(event.target.value) },
  groups.map(({ label, options }) => {
    const items = options.map(([value, text]) => el('option', { value }, text));
    return label === undefined ? items : el('optgroup', { label }, items);
  }).flat());

class CaseBrowser {
  constructor(place, tables) {
    this.place = place;
    this.tables = tables;
    // Where nothing is asked for: the first of those in which anything changed, if that is what the page is about.
    this.first = tables.find((table) => table.paired && this.flips(table)) ?? tables[0];
    this.saveSoon = debounced(200, () => this.save());
    this.searchSoon = debounced(120, () => this.update({ q: this.search.value }));
    addEventListener('hashchange', () => this.load());
    addEventListener('keydown', (event) => this.onKey(event));
    this.load();
  }

  // --- what is to be seen, and its form in the address ---

  defaults(table) {
    const columns = table.columns.length;
    const view = {
      table: table.name, show: 'all', q: '', sort: 'order', desc: false, a: 0, b: Math.min(1, columns - 1),
      shown: table.columns.map((_, index) => index).slice(0, MOST_SHOWN), marks: Boolean(table.paired), case: undefined,
    };
    if (table.paired && this.flips(table)) view.show = 'changed';
    return view;
  }

  flips(table) {
    return table.count({ show: 'changed', a: 0, b: 1 });
  }

  load() {
    const hash = location.hash.slice(1);
    if (this.view && !hash.includes('=')) return; // A link within the page.
    const asked = new URLSearchParams(hash.includes('=') ? hash : '');
    const table = this.tables.find(({ name }) => name === asked.get('table')) ?? this.first;
    const view = this.defaults(table);
    const column = (text) => (Number(text) in table.columns ? Number(text) : undefined);
    const sorts = table.sorts().flatMap(({ options }) => options.map(([value]) => value));
    if (asked.get('show') in LABELS) view.show = asked.get('show');
    if (sorts.includes(asked.get('sort'))) view.sort = asked.get('sort');
    view.q = asked.get('q') ?? '';
    view.desc = asked.get('desc') === '1';
    if (asked.has('marks')) view.marks = asked.get('marks') === '1';
    if (asked.has('a')) view.a = column(asked.get('a')) ?? view.a;
    if (asked.has('b')) view.b = column(asked.get('b')) ?? view.b;
    const shown = (asked.get('columns') ?? '').split(',').filter(Boolean).map(column).filter((index) => index !== undefined);
    if (shown.length) view.shown = shown;
    view.case = asked.get('case') ?? undefined;
    this.open(table, view);
    if (view.case !== undefined) this.place.scrollIntoView();
  }

  save() {
    const plain = this.defaults(this.table);
    const params = new URLSearchParams();
    const { view } = this;
    if (this.table !== this.first) params.set('table', view.table);
    for (const key of ['show', 'q', 'sort', 'a', 'b', 'case']) {
      if (view[key] !== plain[key]) params.set(key, view[key]);
    }
    for (const key of ['desc', 'marks']) if (view[key] !== plain[key]) params.set(key, Number(view[key]));
    if (view.shown.join() !== plain.shown.join()) params.set('columns', view.shown.join());
    if (!params.size && !location.hash.includes('=')) return;
    history.replaceState(null, '', `#${params}`);
  }

  // --- building it ---

  open(table, view) {
    this.table = table;
    this.view = view;
    this.list = new CaseList(table, {
      onPick: (index) => { if (this.view.case !== undefined) this.showCase(index); },
      onOpen: (index) => { this.showCase(index); this.heading.focus({ preventScroll: true }); },
      onSort: (key) => this.update(this.view.sort === key ? { desc: !this.view.desc } : { sort: key, desc: false }),
    });
    this.detail = el('section', { class: 'detail', 'aria-label': 'One case', hidden: true });
    this.frame = el('div', { class: 'frame' }, this.list.root);
    this.body = el('div', { class: 'browser' }, this.frame, this.detail);
    this.status = el('p', { class: 'note', role: 'status' });
    this.place.replaceChildren(...this.tools(), this.status, this.body,
      el('p', { class: 'paper' }, 'The list of cases is left out on paper.'));
    this.update({});
    if (view.case === undefined) return;
    const index = table.indexOf(view.case);
    if (index < 0) this.closeCase();
    else this.reveal(index);
  }

  tools() {
    const { table, view } = this;
    const names = table.columns.map(({ name }, index) => [String(index), name]);
    this.search = el('input', { type: 'search', id: 'search', placeholder: 'words in cases, answers, reasons', oninput: () => this.searchSoon() });
    this.search.value = view.q;
    this.sort = selectOf('sort', table.sorts(), (sort) => this.update({ sort, desc: false }));
    this.direction = el('button', { type: 'button', onclick: () => this.update({ desc: !this.view.desc }) });
    this.counters = {};
    const first = [
      this.tables.length > 1 ? field(table.paired ? 'Cell' : 'Eval', this.tableSelect()) : '',
      field('Search  ( / )', this.search, 'search'),
      this.filters(),
      el('div', { class: 'field' }, el('label', { for: 'sort' }, 'Sort by'), el('div', { class: 'together' }, this.sort, this.direction)),
    ];
    const rows = [el('div', { class: 'tools' }, first)];
    if (table.columns.length < 2) return rows;
    const marks = el('label', {}, el('input', { type: 'checkbox', checked: view.marks, onchange: (event) => this.update({ marks: event.target.checked }) }),
      'mark words that differ');
    if (table.columns.length === 2) {
      rows[0].append(el('fieldset', {}, marks));
      return rows;
    }
    const side = (key) => {
      const control = selectOf(`side-${key}`, [{ options: names }], (value) => this.update({ [key]: Number(value) }));
      control.value = String(view[key]);
      return control;
    };
    const compare = el('div', { class: 'field' }, el('label', { for: 'side-a' }, 'Changed from … to …'),
      el('div', { class: 'together' }, side('a'), el('span', { 'aria-hidden': 'true' }, '→'),
        el('label', { class: 'visually-hidden', for: 'side-b' }, 'to'), side('b')));
    const boxes = names.map(([value, name]) => el('label', {}, el('input', {
      type: 'checkbox', checked: view.shown.includes(Number(value)), onchange: (event) => this.toggle(Number(value), event.target),
    }), name));
    rows.push(el('div', { class: 'tools' }, compare, el('fieldset', {}, marks),
      el('fieldset', {}, el('legend', {}, 'Columns'), boxes)));
    return rows;
  }

  tableSelect() {
    const control = selectOf('table', [{ options: this.tables.map((table) =>
      [table.name, table.paired ? `${table.name}: ${this.flips(table)} changed` : table.name]) }], (name) => {
      const table = this.tables.find((other) => other.name === name);
      this.open(table, this.defaults(table));
      document.getElementById('table').focus();
    });
    control.value = this.table.name;
    return control;
  }

  filters() {
    const shows = Object.keys(LABELS).filter((show) => this.table.columns.length > 1 || !COMPARING.includes(show));
    return el('fieldset', { class: 'choice' }, el('legend', {}, 'Show'), shows.map((show) => {
      const input = el('input', { type: 'radio', name: 'show', value: show, onchange: () => this.update({ show }) });
      const count = el('span', { class: 'amount' });
      this.counters[show] = { input, count };
      return el('label', {}, input, LABELS[show], count);
    }));
  }

  toggle(column, box) {
    const shown = this.table.columns.map((_, index) => index)
      .filter((index) => (index === column ? box.checked : this.view.shown.includes(index)));
    if (shown.length) this.update({ shown });
    else box.checked = true; // One is always there.
  }

  // --- what follows from a change ---

  update(change) {
    Object.assign(this.view, change);
    const { table, view } = this;
    for (const [show, { input, count }] of Object.entries(this.counters)) {
      input.checked = view.show === show;
      count.textContent = table.count({ ...view, show }).toLocaleString('en');
    }
    this.sort.value = view.sort;
    this.direction.textContent = view.desc ? '▼' : '▲';
    this.direction.setAttribute('aria-label', view.desc ? 'descending; change to ascending' : 'ascending; change to descending');
    const chosen = table.select(view);
    const total = table.cases.length;
    this.status.textContent = `${chosen.length.toLocaleString('en')} of ${total.toLocaleString('en')} ${total === 1 ? 'case' : 'cases'}`;
    this.list.show(chosen, view);
    if (view.case !== undefined && !this.detail.hidden) this.showCase(table.indexOf(view.case));
    this.saveSoon();
  }

  // Shows a case and puts the list's cursor on it; the filter gives way where it would hide it.
  reveal(index) {
    if (!this.list.indices.includes(index)) {
      this.search.value = '';
      this.update({ show: 'all', q: '' });
    }
    this.showCase(index);
    this.list.moveTo(this.list.indices.indexOf(index));
  }

  showCase(index) {
    const one = this.table.cases[index];
    this.view.case = one.id;
    this.heading = el('h3', { tabindex: '-1' }, one.id);
    const step = (by, label, sign) => el('button', { type: 'button', 'aria-label': label, onclick: () => this.list.moveTo(this.list.cursor + by) }, sign);
    const close = el('button', { type: 'button', 'aria-label': 'close', onclick: () => this.closeCase() }, '✕');
    this.detail.replaceChildren(el('div', { class: 'detail-head' }, this.heading, step(-1, 'previous case', '↑'), step(1, 'next case', '↓'), close),
      ...detailOf(this.table, one, this.view));
    this.detail.hidden = false;
    this.detail.scrollTop = 0;
    this.body.classList.add('open');
    this.saveSoon();
  }

  closeCase() {
    this.view.case = undefined;
    this.detail.hidden = true;
    this.body.classList.remove('open');
    this.list.root.focus({ preventScroll: true });
    this.saveSoon();
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && !this.detail.hidden) this.closeCase();
    else if (event.key === '/' && !event.target.closest('input, select, textarea')) this.search.focus();
    else return;
    event.preventDefault();
  }
}

const { tables } = JSON.parse(document.getElementById('data').textContent);
new CaseBrowser(document.getElementById('case-browser'), tables.map((table) => new CaseTable(table)));
