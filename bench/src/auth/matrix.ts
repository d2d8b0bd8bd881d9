// The section as a table in Markdown: a row a figure, a column a package, ours first; below it why a cell is empty.
import { format, type Judged } from '../report.ts';
import { candidates, type Name, names, type RowId, rows } from './rows.ts';

const marks = { info: '', ok: '✓', missed: 'missed', known: 'missed, known', worse: 'missed, and worse than known' } as const;

export function matrix(judged: readonly Judged[]): string {
  const notes: string[] = [];
  const find = (id: RowId, name: Name): Judged | undefined => judged.find((row) => row.id === (name === 'ours' ? id : `${id}-${name}`));
  const cell = (row: Judged | undefined): string => {
    if (row === undefined) return '';
    const { note } = row;
    if (!Number.isNaN(row.measured) || note === undefined) return format(row);
    if (!notes.includes(note)) notes.push(note);
    return `– [${notes.indexOf(note) + 1}]`;
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

  const head = ['', candidates.ours, 'target', '', 'ours ÷ best peer', ...names.slice(1).map((name) => candidates[name])];
  const body = (Object.keys(rows) as RowId[]).flatMap((id) => {
    const ours = find(id, 'ours');
    if (ours === undefined) return [];
    const { what, target, verdict } = ours;
    const goal = target === undefined ? '' : `≤ ${format({ ...ours, measured: target })}`;
    const peers = names.slice(1).map((name) => find(id, name));
    return [line([what, `**${cell(ours)}**`, goal, marks[verdict], ratio(ours, peers), ...peers.map(cell)])];
  });
  const foot = notes.map((note, index) => `${index + 1}. ${note}`);
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...body, '', ...foot, ''].join('\n');
}

/** Between figures of which one is 0 there is none. */
function ratio({ measured }: Judged, peers: readonly (Judged | undefined)[]): string {
  const figures = peers.map((row) => row?.measured ?? Number.NaN).filter((figure) => !Number.isNaN(figure));
  const best = Math.min(...figures);
  return figures.length === 0 || best === 0 ? '' : format({ measured: measured / best, unit: '×' });
}
