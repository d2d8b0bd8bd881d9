// YAML and JSON in and out: one parser, strict, with the line of every fault.
import { CORE_SCHEMA, dump, EVENT_ID, getScalarValue, load, parseEvents, YAMLException } from 'js-yaml';
import { InputError } from '../errors.ts';

/** A parsed file: its name (relative to the repository) and text stay at hand for messages. */
export interface Source<T = unknown> {
  readonly file: string;
  readonly text: string;
  readonly value: T;
}

/** Keys and indices from the root of a document to a node. */
export type Path = readonly (string | number)[];

/**
 * Parses YAML or JSON, dates and the like staying text.
 *
 * @param maxAliases our own files have none; a published document may have a few. More are the way to a memory bomb.
 */
export function parse(file: string, text: string, maxAliases = 0): Source {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (clean.trim() === '') throw new InputError({ file, line: 1, message: 'the file is empty' });
  try {
    const value = load(clean, { schema: CORE_SCHEMA, maxAliases, maxDepth: 100 });
    refusePrototype(file, value, new Set());
    return { file, text: clean, value };
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const place = cause.mark === undefined ? { file } : { file, line: cause.mark.line + 1 };
    throw new InputError({ ...place, message: `not valid YAML or JSON: ${cause.reason}` });
  }
}

/** No name of an API is `__proto__`; as a key it would reach into every object of the process. */
function refusePrototype(file: string, value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (Object.hasOwn(value, '__proto__')) throw new InputError({ file, message: 'the name `__proto__` is refused' });
  for (const child of Object.values(value)) refusePrototype(file, child, seen);
}

/** Writes YAML in the house's form: two spaces, lines of at most 120 characters, no aliases. */
export function print(value: unknown): string {
  return dump(value, { lineWidth: 120, noRefs: true });
}

/** The line, from 1, of the node at `path`; of its nearest ancestor where the document ends before it. */
export function lineOf(source: Pick<Source, 'text'>, path: Path): number {
  const events = parseEvents(source.text, {});
  let at = 0;
  let found = 0;

  /** The index behind the node that starts at `index`. */
  const skip = (index: number): number => {
    let depth = 0;
    for (let i = index; ; i++) {
      const type = events[i]?.type;
      if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) depth++;
      else if (type === EVENT_ID.POP) depth--;
      if (depth === 0) return i + 1;
    }
  };

  if (events[at]?.type === EVENT_ID.DOCUMENT) at++;
  for (const step of path) {
    const node = events[at];
    let next = -1;
    if (node?.type === EVENT_ID.MAPPING) {
      for (let i = at + 1; events[i] !== undefined && events[i]?.type !== EVENT_ID.POP; i = skip(skip(i))) {
        const key = events[i];
        if (key?.type !== EVENT_ID.SCALAR || getScalarValue(source.text, key) !== String(step)) continue;
        found = key.valueStart;
        next = skip(i);
        break;
      }
    } else if (node?.type === EVENT_ID.SEQUENCE && /^\d+$/.test(String(step))) {
      let i = at + 1;
      for (let n = 0; n < Number(step) && events[i]?.type !== EVENT_ID.POP; n++) i = skip(i);
      const item = events[i];
      if (item !== undefined && item.type !== EVENT_ID.POP) {
        // The text of a block scalar begins on the line after its item.
        if ('valueStart' in item) found = item.style >= 4 ? item.valueStart - 1 : item.valueStart;
        else if ('start' in item) found = item.start;
        next = i;
      }
    }
    if (next < 0) break;
    at = next;
  }
  return source.text.slice(0, found).split('\n').length;
}

/** The path of the node that begins on a line, the outermost where there are several; of the one before where none does. */
export function pathAt(source: Pick<Source, 'text'>, line: number): Path {
  const events = parseEvents(source.text, {});
  const starts = [...source.text.matchAll(/\n/g)].map(({ index }) => index + 1);
  const end = starts[line - 1] ?? source.text.length;
  const start = line < 2 ? 0 : (starts[line - 2] ?? end);
  let best: Path = [];
  let from = -1;
  const note = (path: Path, at: number): void => {
    // Of those on the line the first, of those before it the last.
    if (at >= end || (from >= start && at >= start) || at < from) return;
    best = path;
    from = at;
  };
  let at = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;
  const visit = (path: Path): void => {
    const event = events[at++];
    if (event?.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; events[at] !== undefined && events[at]?.type !== EVENT_ID.POP; index++) {
        const item = events[at];
        const place =
          item !== undefined && 'start' in item ? item.start : item !== undefined && 'valueStart' in item ? item.valueStart : -1;
        if (typeof place === 'number' && place >= 0) note([...path, index], place);
        visit([...path, index]);
      }
      at++;
    } else if (event?.type === EVENT_ID.MAPPING) {
      while (events[at] !== undefined && events[at]?.type !== EVENT_ID.POP) {
        const key = events[at];
        if (key?.type !== EVENT_ID.SCALAR) {
          // A key that is no name leads to no node of ours.
          visit(path);
          visit(path);
          continue;
        }
        const below = [...path, getScalarValue(source.text, key)];
        note(below, key.valueStart);
        at++;
        visit(below);
      }
      at++;
    }
  };
  visit([]);
  return best;
}
