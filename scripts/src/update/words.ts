// Words and the document they belong to: what has lost its place is moved out, what has no words yet gets a stub.
import { dump } from 'js-yaml';
import { lineOf, type Path, parse } from '../document/yaml.ts';
import { draftMark } from '../lint.ts';
import type { Overlay } from '../overlay/apply.ts';
import { parseTarget, select } from '../overlay/target.ts';

type Json = Record<string, unknown>;

/** Words whose node is gone. */
export interface LostWords {
  readonly file: string;
  readonly line: number;
  /** Target of the action that held them. */
  readonly target: string;
  readonly words: unknown;
}

export interface Pruned {
  /** The overlay as it is to be written; `null` where nothing of it is left. */
  readonly text: string | null;
  readonly lost: readonly LostWords[];
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const exampleKeys = new Set(['example', 'examples']);

/** Takes out of a docs overlay what the document has no place for. Everything else of the file stays as it was written. */
export function prune(document: Json, { source }: Overlay): Pruned {
  const actions = isJson(source.value) && Array.isArray(source.value.actions) ? source.value.actions : [];
  const lost: LostWords[] = [];
  const lines = source.text.split('\n');
  const starts = actions.map((_, index) => lineOf(source, ['actions', index]) - 1);
  // From the last on, so that what is cut out moves no line that is still to be found.
  for (let index = actions.length - 1; index >= 0; index--) {
    const action: unknown = actions[index];
    if (!isJson(action) || typeof action.target !== 'string') continue;
    const { target, update } = action;
    const start = starts[index] ?? 0;
    const note = (words: unknown): void => {
      lost.unshift({ file: source.file, line: start + 1, target, words });
    };
    const kept = keep(document, target, update, note);
    if (kept === update) continue;
    const written = kept === undefined ? [] : block({ ...action, update: kept });
    lines.splice(start, (starts[index + 1] ?? lines.length) - start, ...written);
  }
  const text = lines.join('\n');
  const left = lost.length === 0 ? actions.length : countActions(source.file, text);
  return { text: left === 0 ? null : lost.length === 0 ? source.text : text, lost };
}

/** What of an update still has a place: all of it, a part, or nothing. */
function keep(document: Json, target: string, update: unknown, note: (words: unknown) => void): unknown {
  const matches = select(document, parseTarget(target));
  if (matches.length === 0) {
    note(update);
    return undefined;
  }
  let kept: unknown = update;
  for (const { value, path } of matches) {
    if (!isJson(kept) || !isJson(value)) continue;
    const { left, gone } = split(value, kept, path);
    if (gone === undefined) continue;
    note(gone);
    kept = left;
  }
  return kept;
}

function split(node: Json, update: Json, path: Path): { left: Json | undefined; gone: Json | undefined } {
  const left: Json = {};
  const gone: Json = {};
  for (const [key, value] of Object.entries(update)) {
    const present = Object.hasOwn(node, key) ? node[key] : undefined;
    const isExample = exampleKeys.has(key) && path.at(-1) !== 'properties';
    if (isExample || !isJson(value)) left[key] = value;
    else if (isJson(present)) {
      const inner = split(present, value, [...path, key]);
      if (inner.left !== undefined) left[key] = inner.left;
      if (inner.gone !== undefined) gone[key] = inner.gone;
    } else gone[key] = value;
  }
  const some = (part: Json): Json | undefined => (Object.keys(part).length === 0 ? undefined : part);
  return { left: some(left), gone: some(gone) };
}

/** An action as lines of the list. */
function block(action: Json): string[] {
  const text = dump([action], { lineWidth: 120, noRefs: true });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

function countActions(file: string, text: string): number {
  const { value } = parse(file, text);
  return isJson(value) && Array.isArray(value.actions) ? value.actions.length : 0;
}

/** An overlay with a stub for every place that has no words, which lint refuses as long as it is one. */
export function drafts(title: string, document: Json, places: readonly Path[]): string {
  const actions = places.map((path) => {
    const name = String(path.at(-1));
    const isOperation = path.length === 3 && path[0] === 'paths';
    const description = `${draftMark} describe ${name}`;
    return {
      target: targetOf(document, path),
      update: isOperation ? { summary: `${draftMark} name ${name}`, description } : { description },
    };
  });
  return dump(
    { overlay: '1.0.0', info: { title: `${title}: words to be written`, version: '1.0.0' }, actions },
    { lineWidth: 120, noRefs: true },
  );
}

/** The target of an action that names one node; items of lists by their name. */
export function targetOf(document: Json, path: Path): string {
  let node: unknown = document;
  return path.reduce<string>((target, step) => {
    const list = Array.isArray(node) ? node : undefined;
    node = (node as Record<string | number, unknown>)[step];
    if (list === undefined) return `${target}${/^[A-Za-z_$][\w$-]*$/.test(String(step)) ? `.${step}` : `['${quoted(String(step))}']`}`;
    const { name, in: place } = isJson(node) ? node : {};
    if (typeof name !== 'string') return `${target}[${step}]`;
    const namesakes = list.filter((item) => isJson(item) && item.name === name).length;
    return `${target}[?@.name=='${name}'${namesakes > 1 && typeof place === 'string' ? ` && @.in=='${place}'` : ''}]`;
  }, '$');
}

const quoted = (name: string): string => name.replace(/['\\]/g, '\\$&');
