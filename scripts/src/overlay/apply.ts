// Applies OpenAPI overlays (1.0, with `copy` of 1.1), more strictly than the standard asks: what has no effect is an error.
import { isDeepStrictEqual } from 'node:util';
import { lineOf, type Path, type Source } from '../document/yaml.ts';
import type { Problem } from '../errors.ts';
import { leadsToProperties, placed } from './placed.ts';
import { type Match, parseTarget, type Step, select } from './target.ts';

/**
 * What an overlay is for, and so what its actions may do:
 * - `fixes` mend faults of the published document; each says why and which fault it expects (`x-reason`, `x-fault`)
 * - `facts` add what finAPI states only in prose; never anything that the document states itself
 * - `docs` set words on nodes that exist
 * - `mock` may do anything; it serves only the mock
 */
export type Layer = 'fixes' | 'facts' | 'docs' | 'mock';

export interface Overlay {
  readonly layer: Layer;
  readonly source: Source;
  /** Words that several APIs share: what has no place in one of them is skipped there. */
  readonly shared?: boolean;
}

type Json = Record<string, unknown>;

const actionKeys = new Set(['target', 'description', 'update', 'remove', 'copy', 'x-reason', 'x-fault']);
const textKeys = new Set(['summary', 'description']);
const wordKeys = new Set(['summary', 'description', 'example', 'examples', 'externalDocs']);

/** Changes `document` in place and returns what is wrong with the overlay: nothing of it may be ignored. */
export function applyOverlay(document: Json, { layer, source, shared = false }: Overlay): Problem[] {
  const problems: Problem[] = [];
  const report = (path: Path, message: string, hint?: string): void => {
    problems.push({ file: source.file, line: lineOf(source, path), message, ...(hint === undefined ? {} : { hint }) });
  };
  const overlay = source.value;
  if (
    !isJson(overlay) ||
    typeof overlay.overlay !== 'string' ||
    !/^1\.[012]\.\d+$/.test(overlay.overlay) ||
    !Array.isArray(overlay.actions)
  ) {
    report([], 'not an overlay: expected `overlay: 1.0.0`, `info` and a list of `actions`');
    return problems;
  }
  for (const [index, action] of overlay.actions.entries()) {
    const at = (...rest: (string | number)[]): Path => ['actions', index, ...rest];
    if (!isJson(action) || typeof action.target !== 'string') {
      report(at(), 'an action needs a `target`');
      continue;
    }
    const understood = (key: 'target' | 'copy'): Step[] | undefined => {
      try {
        return typeof action[key] === 'string' ? parseTarget(action[key]) : undefined;
      } catch (cause) {
        report(at(key), (cause as Error).message);
        return undefined;
      }
    };
    const unknown = Object.keys(action).filter((key) => !actionKeys.has(key));
    if (unknown.length > 0) report(at(unknown[0] as string), `an action has no key \`${unknown[0]}\``);
    if (['update', 'remove', 'copy'].filter((key) => action[key] !== undefined).length !== 1) {
      report(at(), 'an action does one of `update`, `remove`, `copy`');
      continue;
    }
    const steps = understood('target');
    const origin = understood('copy');
    if (steps === undefined || (typeof action.copy === 'string' && origin === undefined)) continue;
    const matches = select(document, steps);
    if (matches.length === 0) {
      if (shared) continue;
      report(at('target'), `${action.target} matches nothing`, 'the node is gone or renamed: remove this action or correct its target');
      continue;
    }
    if (layer === 'fixes') {
      const fault = checkFault(action, matches);
      if (fault !== undefined) {
        report(at('target'), fault, 'remove this fix, or correct the fault it expects');
        continue;
      }
    }
    // From the last on, so that removing an item of a list moves none that is still to go.
    for (const match of action.remove === undefined ? matches : matches.toReversed()) {
      const own = shared ? { ...action, update: placed(match.value, action.update, match.path).left ?? {} } : action;
      const fault = act(document, match, own, origin, layer);
      if (fault === undefined) continue;
      report(at('update'), fault);
      break;
    }
  }
  return problems;
}

/**
 * A fix names its reason and the fault: `x-fault: { has: { nullable: true }, lacks: [type] }` of every node it targets, or
 * `x-fault: { is: Authorization }` where that is a plain value.
 */
function checkFault(action: Json, matches: readonly Match[]): string | undefined {
  const fault = action['x-fault'];
  if (typeof action['x-reason'] !== 'string') return 'a fix needs an `x-reason`';
  const has = isJson(fault) && isJson(fault.has) ? Object.entries(fault.has) : [];
  const lacks = isJson(fault) && Array.isArray(fault.lacks) ? fault.lacks.map(String) : [];
  const whole = isJson(fault) && Object.hasOwn(fault, 'is') ? [fault.is] : [];
  const other = isJson(fault) ? Object.keys(fault).filter((key) => !['has', 'lacks', 'is'].includes(key)) : [];
  if (has.length + lacks.length + whole.length === 0 || other.length > 0)
    return 'a fix needs an `x-fault` with `has` (keys and values), `lacks` (keys) or `is` (the value itself), and nothing else';
  for (const { value, path } of matches) {
    const node = isJson(value) ? value : {};
    const isThere =
      whole.every((expected) => isDeepStrictEqual(value, expected)) &&
      has.every(([key, expected]) => Object.hasOwn(node, key) && isDeepStrictEqual(node[key], expected)) &&
      !lacks.some((key) => Object.hasOwn(node, key));
    if (!isThere) return `the fault is gone at ${pathText(path)}`;
  }
  return undefined;
}

function act(document: Json, match: Match, action: Json, origin: Step[] | undefined, layer: Layer): string | undefined {
  if (action.remove === true) {
    if (layer === 'facts' || layer === 'docs') return `${layer} remove nothing`;
    if (match.parent === undefined) return 'the document itself cannot be removed';
    if (Array.isArray(match.parent)) match.parent.splice(Number(match.key), 1);
    else delete match.parent[match.key];
    return undefined;
  }
  let update = action.update;
  if (origin !== undefined) {
    const sources = select(document, origin);
    if (sources.length !== 1) return `${action.copy} matches ${sources.length} nodes, \`copy\` takes exactly one`;
    update = sources[0]?.value;
  }
  const denied = check(match.value, update, layer, match.path);
  if (denied !== undefined) return denied;
  if (Array.isArray(match.value)) match.value.push(structuredClone(update));
  else if (isJson(match.value) && isJson(update)) merge(match.value, update);
  else return `${pathText(match.path)} is a plain value and cannot be updated`;
  return undefined;
}

/** Why an update is not allowed in its layer; undefined where it is. */
function check(node: unknown, update: unknown, layer: Layer, path: Path): string | undefined {
  if (layer === 'mock' || layer === 'fixes') return undefined;
  if (Array.isArray(node)) return layer === 'docs' ? `docs set words, they append nothing (${pathText(path)})` : undefined;
  if (!isJson(update)) return undefined;
  for (const [key, value] of Object.entries(update)) {
    const present = isJson(node) && Object.hasOwn(node, key) ? node[key] : undefined;
    const place = pathText([...path, key]);
    // Examples are words through and through, a reference in them included; but a property may have that name.
    if (layer === 'docs' && (key === 'example' || key === 'examples') && !leadsToProperties(path)) continue;
    if (layer === 'docs' && wordKeys.has(key) && typeof present !== 'object' && (typeof value === 'string' || !textKeys.has(key))) continue;
    if (isJson(value) && isJson(present)) {
      const denied = check(present, value, layer, [...path, key]);
      if (denied !== undefined) return denied;
    } else if (layer === 'docs') {
      return present === undefined ? `${place} is not in the document` : `docs set words, not \`${key}\` (${place})`;
    } else if (present !== undefined) {
      return `the document states ${place} itself: ${JSON.stringify(present)}`;
    } else if (isJson(value)) {
      return `${place} is not in the document`;
    }
  }
  return undefined;
}

function merge(node: Json, update: Json): void {
  for (const [key, value] of Object.entries(update)) {
    const present = Object.hasOwn(node, key) ? node[key] : undefined;
    if (isJson(present) && isJson(value)) merge(present, value);
    // An example is one value: of lists, too, the later one counts.
    else if (Array.isArray(present) && Array.isArray(value) && key !== 'example') present.push(...structuredClone(value));
    else node[key] = structuredClone(value);
  }
}

const pathText = (path: Path): string =>
  `$${path.map((step) => (typeof step === 'string' && /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`)).join('')}`;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
