// The section as it is printed: its servers, a table of a column a store, a line for each other figure, and a table of faults.
import { format, type Judged, table } from '../report.ts';
import { type Figure, figures, idOf, kinds, stores, targets } from './rows.ts';

const marks = { info: '', ok: ' ✓', missed: ' **missed**', known: ' missed, known', worse: ' **missed, and worse than known**' } as const;

export function show(judged: readonly Judged[]): string {
  const servers = judged.filter(({ id }) => id.startsWith('server-'));
  const inMatrix = new Set<string>();
  const cell = (figure: Figure, kind: (typeof kinds)[number]): string => {
    const id = idOf(figure, kind);
    inMatrix.add(id);
    const row = judged.find((it) => it.id === id);
    return row === undefined ? '' : `${format(row)}${marks[row.verdict]}`;
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = ['', ...kinds.map((kind) => stores[kind].what)];
  const body = (Object.keys(figures) as Figure[]).map((figure) => line([figures[figure].what, ...kinds.map((kind) => cell(figure, kind))]));
  const limits = line(['target of the medians ÷ the bare client', ...kinds.map((kind) => limit(targets[kind]))]);
  const notes = judged.filter(({ id, note }) => inMatrix.has(id) && note !== undefined).map(({ id, note }) => `${id}: ${note}`);
  const faults = judged.filter(({ id }) => id.startsWith('fault-'));
  const rest = judged.filter((row) => !inMatrix.has(row.id) && !servers.includes(row) && !faults.includes(row));
  return [
    ...servers.map(({ what, note = '' }) => `${what}: ${note}`),
    '',
    line(head),
    line(head.map((_, column) => (column === 0 ? '---' : '--:'))),
    ...body,
    limits,
    '',
    ...notes,
    table(rest),
    line(['fault', 'store', 'lost', 'served again after']),
    line(['---', '---', '---', '--:']),
    ...faults.map((row) => line([row.what, `${format(row)}${marks[row.verdict]}${row.note === undefined ? '' : `: ${row.note}`}`])),
    '',
  ].join('\n');
}

const limit = (target: number | undefined): string => (target === undefined ? '' : `≤ ${format({ measured: target, unit: '×' })}`);
