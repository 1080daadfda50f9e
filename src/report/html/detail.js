
// --- one case in full ---

const LONGEST_TO_COMPARE = 800; // Words; the table of common ones has the square of it.

// The words that two texts do not share: pieces {text, own} of each. Nothing where one is too long to compare.
const differences = (before, after) => {
  const from = before.split(/(\s+)/), to = after.split(/(\s+)/);
  if (from.length > LONGEST_TO_COMPARE || to.length > LONGEST_TO_COMPARE) return undefined;
  // common[i][j]: length of the longest common subsequence of what follows from[i] and to[j].
  const common = Array.from({ length: from.length + 1 }, () => new Uint16Array(to.length + 1));
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      common[i][j] = from[i] === to[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const left = [], right = [];
  let i = 0, j = 0;
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      left.push({ text: from[i], own: false });
      right.push({ text: to[j], own: false });
      i += 1;
      j += 1;
    } else if (j === to.length || (i < from.length && common[i + 1][j] >= common[i][j + 1])) {
      left.push({ text: from[i], own: true });
      i += 1;
    } else {
      right.push({ text: to[j], own: true });
      j += 1;
    }
  }
  return [left, right];
};

const cutNote = (text) => (typeof text === 'object'
  ? el('p', { class: 'cut' }, `Cut: the first ${text.shown} of ${text.all}. A report that ends with .csv has all of it.`)
  : '');

const fullText = (text, marked) => [cutNote(text), el('pre', { dir: 'auto', tabindex: '0' }, marked ?? (textOf(text) || ' '))];

const termsOf = (terms) => el('dl', { class: 'facts' }, terms.map(([name, value]) =>
  el('div', {}, el('dt', {}, name), el('dd', { dir: 'auto' }, cutNote(value), textOf(value)))));

const answerOf = (table, answer, repeat, marked) => [
  repeat === undefined ? '' : el('h5', {}, `Answer ${repeat + 1}: ${valueText(answer.latency_ms, 'ms')}, ${
    answer.cost_usd === undefined ? 'cost unknown' : valueText(answer.cost_usd, 'USD')}`),
  ...fullText(answer.output, marked),
  !answer.finish || answer.finish === 'stop' ? '' : el('p', { class: 'note' }, `finish reason: ${answer.finish}`),
  ...Object.entries(answer.reasons ?? {}).flatMap(([metric, reason]) =>
    [cutNote(reason), el('p', { class: 'note', dir: 'auto' }, `${metric}: ${textOf(reason)}`)]),
];

const resultOf = (table, column, result, marked) => {
  const title = el('h5', {}, ...(result ? signOf(result.state) : []), ' ', column.name);
  if (!result) return el('article', {}, title, el('p', { class: 'unread' }, 'This case is not in this cell.'));
  const scores = table.metrics.map((metric, index) => {
    const unknown = metric.unit === 'USD' && result.scores[index] === null;
    const value = unknown ? 'unknown' : valueText(result.scores[index], metric.unit);
    return el('li', {}, `${metric.name} ${value}`);
  });
  const answers = result.answers ?? [];
  const several = answers.length > 1;
  return el('article', { class: result.state }, title,
    el('ul', {}, scores, result.cached ? el('li', {}, 'answered from the cache') : ''),
    ...(result.error ? [cutNote(result.error), el('p', { class: 'bad-text', dir: 'auto' }, textOf(result.error))] : []),
    ...answers.flatMap((answer, repeat) => answerOf(table, answer, several ? repeat : undefined, repeat === 0 ? marked : undefined)),
    answers.length || result.error ? '' : el('p', { class: 'unread' },
      column.answers ? 'There is no answer.' : 'The answer is not on the machine that wrote this report.'));
};

// The two columns' first answers with the words that only one has.
const marksOf = (table, one, { a, b }) => {
  const texts = [a, b].map((column) => one.results[column]?.answers?.[0].output);
  if (texts.some((text) => typeof text !== 'string') || texts[0] === texts[1]) return {};
  const pieces = differences(...texts);
  if (!pieces) return {};
  const marked = (list, tag) => list.map(({ text, own }) => (own && text.trim() ? el(tag, {}, text) : text));
  return { [a]: marked(pieces[0], 'del'), [b]: marked(pieces[1], 'ins') };
};

const detailOf = (table, one, view) => {
  const marks = view.marks && table.columns.length > 1 ? marksOf(table, one, view) : {};
  const fields = Object.entries(one.fields);
  return [
    fields.length ? [el('h4', {}, 'Case'), termsOf(fields)] : [],
    one.expected === undefined ? [] : [el('h4', {}, 'Expected'), ...fullText(one.expected)],
    el('h4', {}, table.columns.length > 1 ? 'Answers' : 'Answer'),
    el('div', { class: 'answers' }, view.shown.map((column) =>
      resultOf(table, table.columns[column], one.results[column], marks[column]))),
  ].flat();
};
