// The targets of overlay actions: the part of JSONPath (RFC 9535) that names nodes plainly.
//   $   .name   ['name']   .*   [*]   [0]   [?@.name=='X']   [?@.name=='X' && @.in=='query']

export type Step =
  | { readonly name: string }
  | { readonly index: number }
  | { readonly any: true }
  | { readonly where: readonly (readonly [key: string, value: string])[] };

/** A node that a target names: where it is held and the path to it. The root is held by nobody. */
export interface Match {
  readonly parent: Record<string, unknown> | unknown[] | undefined;
  readonly key: string | number;
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

const patterns: readonly [RegExp, (groups: RegExpExecArray) => Step][] = [
  [/^\.\*|^\[\*\]/, () => ({ any: true })],
  [/^\.([A-Za-z_$][\w$-]*)/, ([, name = '']) => ({ name })],
  [/^\['((?:[^'\\]|\\.)*)'\]/, ([, name = '']) => ({ name: name.replace(/\\(.)/g, '$1') })],
  [/^\[(\d+)\]/, ([, index]) => ({ index: Number(index) })],
  [/^\[\?(@\.[\w-]+=='[^']*'(?: && @\.[\w-]+=='[^']*')*)\]/, ([, tests = '']) => ({ where: conditions(tests) })],
];

function conditions(tests: string): [string, string][] {
  return [...tests.matchAll(/@\.([\w-]+)=='([^']*)'/g)].map(([, key = '', value = '']) => [key, value]);
}

/** The steps of a target. Throws an `Error` that names the place it does not understand. */
export function parseTarget(target: string): Step[] {
  if (!target.startsWith('$')) throw new Error(`the target ${target} does not begin with $`);
  const steps: Step[] = [];
  let rest = target.slice(1);
  while (rest !== '') {
    let step: Step | undefined;
    for (const [pattern, build] of patterns) {
      const found = pattern.exec(rest);
      if (found === null) continue;
      step = build(found);
      rest = rest.slice(found[0].length);
      break;
    }
    if (step === undefined)
      throw new Error(`the target ${target} is not understood from "${rest}" on (known: .name ['name'] .* [0] [?@.key=='value'])`);
    steps.push(step);
  }
  return steps;
}

/** All nodes that the steps name, in the document's order. */
export function select(root: unknown, steps: readonly Step[]): Match[] {
  let matches: Match[] = [{ parent: undefined, key: '', value: root, path: [] }];
  for (const step of steps) matches = matches.flatMap((match) => children(match).filter(({ key, value }) => fits(step, key, value)));
  return matches;
}

function children({ value, path }: Match): Match[] {
  if (Array.isArray(value)) return value.map((item, index) => ({ parent: value, key: index, value: item, path: [...path, index] }));
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).map((key) => ({ parent, key, value: parent[key], path: [...path, key] }));
}

function fits(step: Step, key: string | number, value: unknown): boolean {
  if ('name' in step) return key === step.name;
  if ('index' in step) return key === step.index;
  if ('any' in step) return true;
  return (
    typeof value === 'object' && value !== null && step.where.every(([name, wanted]) => (value as Record<string, unknown>)[name] === wanted)
  );
}
