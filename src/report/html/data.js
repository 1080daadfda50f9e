// What the page knows: tables of cases, which of them are wanted, and in which order. Nothing here touches the page.
// A text is a string, or {text, shown, all} where its end was cut off. What is not known is not there.

// A score that moved by so much flipped, as `llmops compare` counts it.
const FLIPPED = 0.5;
const STATES = ['failed', 'error', 'scored', 'passed'];

const textOf = (text) => (typeof text === 'object' ? text.text : text);

const valueText = (value, unit) => {
  if (value === null || value === undefined) return '–';
  if (unit === 'USD') return `$${Number(value.toPrecision(4))}`;
  if (unit === 'ms') return `${Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
};

class CaseTable {
  constructor({ name, columns, metrics, cases, paired }) {
    this.name = name;
    this.columns = columns;
    this.metrics = metrics;
    this.cases = cases;
    this.paired = paired;
    this.searched = [];
    this.changed = {};
  }

  get judged() {
    return this.metrics.flatMap((metric, index) => (metric.scale === 'amount' ? [] : [index]));
  }

  titleOf(one) {
    return textOf(one.fields[one.title] ?? one.id);
  }

  indexOf(id) {
    return this.cases.findIndex((one) => one.id === id);
  }

  // All that a case says, in lower case; made when it is first searched.
  textOfCase(index) {
    const one = this.cases[index];
    this.searched[index] ??= [
      one.id,
      ...Object.values(one.fields).map(textOf),
      textOf(one.expected ?? ''),
      ...one.results.flatMap((result) => [
        textOf(result?.error ?? ''),
        ...(result?.answers ?? []).flatMap(({ output, reasons }) => [output, ...Object.values(reasons ?? {})].map(textOf)),
      ]),
    ].join('\n').toLowerCase();
    return this.searched[index];
  }

  // How each case changed from column `a` to `b`: 'worse', 'better', 'lost' (not scored any more), 'found', or undefined.
  // Where metrics disagree, what is worse is told.
  changes(a, b) {
    if (this.changed.a !== a || this.changed.b !== b) {
      this.changed = { a, b, list: this.cases.map((one) => this.changeOf(one, a, b)) };
    }
    return this.changed.list;
  }

  changeOf(one, a, b) {
    const before = one.results[a], after = one.results[b];
    if (!before || !after) return undefined;
    const changes = new Set(this.judged.map((metric) => {
      const from = before.scores[metric], to = after.scores[metric];
      if (from === null || to === null) return from === to ? undefined : to === null ? 'lost' : 'found';
      if (Math.abs(to - from) < FLIPPED) return undefined;
      return to > from === (this.metrics[metric].better === 'higher') ? 'better' : 'worse';
    }));
    return ['worse', 'lost', 'better', 'found'].find((change) => changes.has(change));
  }

  // Whether a case is among those that `show` names.
  fits(index, { show, shown, a, b }) {
    switch (show) {
      case 'failed':
      case 'error':
        return shown.some((column) => this.cases[index].results[column]?.state === show);
      case 'changed':
        return this.changes(a, b)[index] !== undefined;
      case 'worse':
      case 'better':
        return this.changes(a, b)[index] === show;
      default:
        return true;
    }
  }

  count(view) {
    return this.cases.reduce((sum, _, index) => sum + this.fits(index, view), 0);
  }

  // What a case is sorted by: a number, a text, or undefined where it is not known.
  keyOf(one, sort) {
    if (sort === 'case') return this.titleOf(one).toLowerCase();
    if (sort === 'expected') return one.expected === undefined ? undefined : textOf(one.expected).toLowerCase();
    const dot = sort.indexOf('.');
    const result = one.results[Number(sort.slice(0, dot))];
    const what = sort.slice(dot + 1);
    if (!result) return undefined;
    if (what === 'result') return STATES.indexOf(result.state);
    if (what === 'answer') return result.answers && textOf(result.answers[0].output).toLowerCase();
    return result.scores[this.metrics.findIndex((metric) => `=${metric.name}` === what)] ?? undefined;
  }

  // The cases that fit and have all words of the search, in order; what has no key comes last either way.
  select(view) {
    const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [];
    this.cases.forEach((_, index) => {
      if (this.fits(index, view) && words.every((word) => this.textOfCase(index).includes(word))) chosen.push(index);
    });
    if (view.sort === 'order') return view.desc ? chosen.reverse() : chosen;
    const keys = new Map(chosen.map((index) => [index, this.keyOf(this.cases[index], view.sort)]));
    const sign = view.desc ? -1 : 1;
    return chosen.sort((x, y) => {
      const left = keys.get(x), right = keys.get(y);
      if (left === right) return x - y;
      if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
      return left < right ? -sign : sign;
    });
  }

  // [value, label] of all that cases can be sorted by, in groups.
  sorts() {
    const ofColumn = (column, index) => ({
      label: column.name,
      options: [
        [`${index}.result`, 'result'],
        ...this.metrics.map(({ name }) => [`${index}.=${name}`, name]),
        [`${index}.answer`, 'answer'],
      ],
    });
    return [
      { label: 'case', options: [['order', 'order of the dataset'], ['case', 'text'], ['expected', 'expected']] },
      ...this.columns.map(ofColumn),
    ];
  }
}
