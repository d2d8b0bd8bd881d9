// Judges what was measured and prints it: a table a section, or JSON.
import { styleText } from 'node:util';
import { known } from '../known.ts';

export interface Row {
  /** Name within its section, for known.ts. */
  readonly id: string;
  readonly what: string;
  readonly measured: number;
  readonly unit: '×' | 's' | 'ms' | 'µs' | 'ns' | 'MB' | 'kB' | 'MiB' | 'KiB' | 'B' | '/s' | '';
  /** At most; a row without one is there to be read only. */
  readonly target?: number;
  /** Beside the figure; where that is `NaN`, why there is none. */
  readonly note?: string;
}

/** What a section works with. */
export interface Context {
  /** For everything that is written. */
  readonly folder: string;
  /** Tells what is being measured. */
  readonly progress: (text: string) => void;
}

/** `known` is missed and listed in known.ts; `worse` is that no longer. */
type Verdict = 'info' | 'ok' | 'missed' | 'known' | 'worse';

export interface Judged extends Row {
  readonly section: string;
  readonly verdict: Verdict;
}

/** How much worse than recorded a known miss may be measured: noise of a busy machine. */
const tolerance = 1.25;

/** A section of the bench, as the command lists it. */
export interface Section {
  /** What it measures, in a line of the help. */
  readonly what: string;
  /** Loaded when measured: a section must not pay for what another one loads. */
  readonly load: () => Promise<(context: Context) => Row[] | Promise<Row[]>>;
  /** How it is printed; as {@link table} does unless set. */
  readonly show?: (rows: readonly Judged[]) => string;
}

export function judge(section: string, row: Row): Judged {
  const name = `${section}/${row.id}`;
  const recorded = known[name];
  if (row.target === undefined) return { ...row, section, verdict: 'info' };
  if (row.measured <= row.target)
    return { ...row, section, verdict: 'ok', ...(recorded === undefined ? {} : { note: `met: ${name} can leave known.ts` }) };
  if (recorded === undefined) return { ...row, section, verdict: 'missed' };
  const figure = format({ ...row, measured: recorded.measured });
  if (row.measured <= recorded.measured * tolerance)
    return { ...row, section, verdict: 'known', note: `recorded ${figure}: ${recorded.reason}` };
  return { ...row, section, verdict: 'worse', note: `recorded ${figure}, more than a quarter worse` };
}

/** Whether a judgement lets `--check` pass. */
export const passes = ({ verdict }: Judged): boolean => verdict !== 'missed' && verdict !== 'worse';

const colours = { info: 'dim', ok: 'green', missed: 'red', known: 'yellow', worse: 'red' } as const;

export function table(rows: readonly Judged[]): string {
  const sections = [...new Set(rows.map(({ section }) => section))];
  const width = Math.max(...rows.map(({ what }) => what.length));
  const line = (row: Judged): string => {
    const target = row.target === undefined ? '' : `≤ ${format({ ...row, measured: row.target })}`;
    const verdict = row.verdict === 'info' ? '' : paint(colours[row.verdict], row.verdict);
    return `  ${row.what.padEnd(width)}  ${format(row).padStart(10)}  ${target.padEnd(12)}${verdict}${row.note === undefined ? '' : `  ${paint('dim', row.note)}`}`.trimEnd();
  };
  return sections
    .map(
      (section) =>
        `${paint('bold', section)}\n${rows
          .filter((row) => row.section === section)
          .map(line)
          .join('\n')}\n`,
    )
    .join('\n');
}

/** Colours go to a terminal alone. */
const paint = (style: Parameters<typeof styleText>[0], text: string): string => styleText(style, text, { stream: process.stdout });

/** A figure with its unit: three digits that count, and no decimals from 100 on. */
export function format({ measured, unit }: Pick<Row, 'measured' | 'unit'>): string {
  if (Number.isNaN(measured)) return '–';
  const digits = Number.isInteger(measured) || measured >= 100 ? 0 : measured >= 10 ? 1 : 2;
  const number = measured.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}
