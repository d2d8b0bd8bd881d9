// Words and the document they belong to: what has lost its place is moved out, what has no words yet gets a stub.
import { isDeepStrictEqual } from 'node:util';
import { dump } from 'js-yaml';
import { lineOf, type Path, parse, print, type Source } from '../document/yaml.ts';
import { draftMark, draftToken } from '../draft.ts';
import { InputError } from '../errors.ts';
import type { Overlay } from '../overlay/apply.ts';
import { placed } from '../overlay/placed.ts';
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

/** Takes out of a docs overlay what the document has no place for. Everything else of the file stays as it was written. */
export function prune(document: Json, { source }: Overlay): Pruned {
  const actions = isJson(source.value) && Array.isArray(source.value.actions) ? source.value.actions : [];
  const lost: LostWords[] = [];
  const lines = source.text.split('\n');
  const starts = actions.map((_, index) => lineOf(source, ['actions', index]) - 1);
  const left = [...actions];
  // From the last on, so that what is cut out moves no line that is still to be found.
  for (let index = actions.length - 1; index >= 0; index--) {
    const action: unknown = actions[index];
    if (!isJson(action) || typeof action.target !== 'string') continue;
    const { target, update } = action;
    const start = starts[index] ?? 0;
    const gone: LostWords[] = [];
    const kept = keep(document, target, update, (words) => gone.push({ file: source.file, line: start + 1, target, words }));
    lost.unshift(...gone);
    if (kept === update) continue;
    const written = kept === undefined ? [] : [{ ...action, update: kept }];
    left.splice(index, 1, ...written);
    const indent = /^ */.exec(lines[start] ?? '')?.[0] ?? '';
    const end = source.text.includes('\r\n') ? '\r' : '';
    lines.splice(
      start,
      endOf(lines, start, starts[index + 1]) - start,
      ...written.flatMap((it) => block(it, indent)).map((line) => line + end),
    );
  }
  if (lost.length === 0) return { text: source.text, lost };
  if (left.length === 0) return { text: null, lost };
  const text = lines.join('\n');
  // Where actions are not lines of their own, as in JSON, the file is written anew.
  return { text: isDeepStrictEqual(actionsOf(source.file, text), left) ? text : print({ ...(source.value as Json), actions: left }), lost };
}

/** The line behind an action; comments in front of what comes next belong to that. */
function endOf(lines: readonly string[], start: number, next: number | undefined): number {
  let end = next ?? lines.findIndex((line, index) => index > start && /^[^\s#-]/.test(line));
  if (end < 0) end = lines.length;
  while (end > start + 1 && /^\s*(#|$)/.test(lines[end - 1] ?? '')) end--;
  return end;
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
    const { left, gone } = placed(value, kept, path);
    if (gone === undefined) continue;
    note(gone);
    kept = left;
  }
  return kept;
}

/** An action as lines of the list. */
function block(action: Json, indent = '  '): string[] {
  const text = dump([action], { lineWidth: 120, noRefs: true });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line));
}

/** The actions that a text holds; none where it is no overlay. */
function actionsOf(file: string, text: string): unknown[] {
  try {
    const { value } = parse(file, text);
    return isJson(value) && Array.isArray(value.actions) ? value.actions : [];
  } catch (cause) {
    if (cause instanceof InputError) return [];
    throw cause;
  }
}

/** An action with a stub for every place that has no words, which lint refuses as long as it is one. */
export function draftWords(document: Json, places: readonly Path[]): Json[] {
  return places.map((path) => {
    const name = String(path.at(-1));
    const isOperation = path.length === 3 && path[0] === 'paths';
    const description = `${draftMark} describe ${name}`;
    return {
      target: targetOf(document, path),
      update: isOperation ? { summary: `${draftMark} name ${name}`, description } : { description },
    };
  });
}

/** An action that leaves open which token an operation takes, for each of these operations. */
export const draftTokens = (document: Json, operations: readonly Path[]): Json[] =>
  operations.map((path) => ({ target: targetOf(document, path), update: { 'x-finapi-token': [draftToken] } }));

/** An overlay with actions behind its own, as text: what is there stays as it is written. Without one, a new one. */
export function append(title: string, before: Source | undefined, actions: readonly Json[]): string {
  if (before === undefined) return print({ overlay: '1.0.0', info: { title, version: '1.0.0' }, actions });
  const own = isJson(before.value) && Array.isArray(before.value.actions) ? before.value.actions : [];
  const all = [...own, ...actions];
  const text = `${before.text.trimEnd()}\n${actions.flatMap((action) => block(action)).join('\n')}\n`;
  return isDeepStrictEqual(actionsOf(before.file, text), all) ? text : print({ ...(before.value as Json), actions: all });
}

/** The target of an action that names one node; items of lists by their name. */
export function targetOf(document: Json, path: Path): string {
  let node: unknown = document;
  return path.reduce<string>((target, step) => {
    const list = Array.isArray(node) ? node : undefined;
    node = (node as Record<string | number, unknown>)[step];
    if (list === undefined) return `${target}${/^[A-Za-z_$][\w$-]*$/.test(String(step)) ? `.${step}` : `['${quoted(String(step))}']`}`;
    const { name, in: place } = isJson(node) ? node : {};
    const isLike = (item: unknown, others: Json): boolean =>
      isJson(item) && Object.entries(others).every(([key, value]) => item[key] === value);
    const conditions = [{ name }, { name, in: place }].find(
      (it) =>
        Object.values(it).every((value) => typeof value === 'string' && !value.includes("'")) &&
        list.filter((item) => isLike(item, it)).length === 1,
    );
    if (conditions === undefined) return `${target}[${step}]`;
    return `${target}[?${Object.entries(conditions)
      .map(([key, value]) => `@.${key}=='${value}'`)
      .join(' && ')}]`;
  }, '$');
}

const quoted = (name: string): string => name.replace(/['\\]/g, '\\$&');
