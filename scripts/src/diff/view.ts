// Schemas as they act, however they are written: references followed, `allOf` put together, wrappers of one part taken off.
import { sortKeys } from '../document/arrange.ts';
import { isNode, type Node, rulesOf } from '../document/grammar.ts';
import { follow } from '../document/read.ts';

/** A node and where it stands. */
export interface Place {
  readonly node: Node;
  readonly pointer: string;
}

/** Part of a schema's conjunction; `origin` is the component that brings it in through `allOf`. */
interface Part extends Place {
  readonly origin: string | undefined;
}

export interface Field {
  /** All places that say something about it; together they hold. */
  readonly places: readonly Place[];
  readonly origin: string | undefined;
}

/** A limit from below or above. */
export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

export type Additional = 'any' | 'none' | readonly Place[];

/** What a schema says, put together. `undefined` is: nothing. */
export interface View {
  readonly types: ReadonlySet<string> | undefined;
  /** Whether `type` says so, not what else is there. */
  readonly typed: boolean;
  readonly nullable: boolean;
  readonly format: string | undefined;
  readonly values: readonly unknown[] | undefined;
  readonly patterns: readonly string[];
  readonly bounds: ReadonlyMap<string, Bound>;
  readonly unique: boolean;
  readonly multipleOf: number | undefined;
  readonly fields: ReadonlyMap<string, Field>;
  readonly required: ReadonlySet<string>;
  readonly additional: Additional;
  readonly items: readonly Place[];
  readonly unions: readonly (readonly Place[])[];
  readonly discriminator: Node | undefined;
  readonly marks: Marks;
  /** Keywords that are not understood, in one form. */
  readonly others: ReadonlyMap<string, string>;
  readonly pointer: string;
}

/** What stands beside a schema as well as in it. */
export interface Marks {
  readonly nullable: boolean;
  readonly deprecated: boolean;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly preset: unknown;
}

/** A schema without its wrappers. */
export interface Peeled {
  /** The marks before the first reference. */
  readonly own: Marks;
  /** The marks behind it. */
  readonly inner: Marks;
  readonly core: readonly Place[];
  /** The component it leads to. */
  readonly component: string | undefined;
}

const marking = new Set(['nullable', 'deprecated', 'readOnly', 'writeOnly', 'default']);
const ignored = new Set(['xml', 'title', 'description', 'example', 'examples', 'externalDocs', '$schema', '$comment', '$id', '$anchor']);
const compositions = new Set(['allOf', 'oneOf', 'anyOf', 'discriminator']);
const lower = ['minimum', 'minLength', 'minItems', 'minProperties'];
const upper = ['maximum', 'maxLength', 'maxItems', 'maxProperties'];
const understood = new Set([
  ...marking,
  ...lower,
  ...upper,
  ...['$ref', 'type', 'format', 'enum', 'const', 'pattern', 'uniqueItems', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['properties', 'required', 'additionalProperties', 'items', 'allOf', 'oneOf', 'anyOf', 'discriminator'],
]);

const noMarks: Marks = { nullable: false, deprecated: false, readOnly: false, writeOnly: false, preset: undefined };

const both = (a: Marks, b: Marks): Marks => ({
  nullable: a.nullable || b.nullable,
  deprecated: a.deprecated || b.deprecated,
  readOnly: a.readOnly || b.readOnly,
  writeOnly: a.writeOnly || b.writeOnly,
  preset: a.preset === undefined ? b.preset : a.preset,
});

export const marksOf = ({ own, inner }: Peeled): Marks => both(own, inner);

const marksIn = (node: Node): Marks => ({
  nullable: node.nullable === true || (Array.isArray(node.type) && node.type.includes('null')),
  deprecated: node.deprecated === true,
  readOnly: node.readOnly === true,
  writeOnly: node.writeOnly === true,
  preset: node.default,
});

/** A keyword or name as a step of a JSON pointer. */
export const step = (name: string | number): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The component schema that a pointer names; undefined for what is within one, or elsewhere. */
const componentAt = (pointer: string): string | undefined =>
  /^\/components\/schemas\/([^/]+)$/.exec(pointer)?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');

/** The document's schemas, seen as they act. Results are kept: the same node gives the same view. */
export interface Schemas {
  readonly root: Node;
  /** Names of the component schemas. */
  readonly names: ReadonlySet<string>;
  /** A node with its references followed. */
  resolve(value: unknown, pointer: string): Place;
  peel(places: readonly Place[]): Peeled;
  view(places: readonly Place[]): View;
  /** A short name of what a schema is: `string:date`, `Pet[]`. */
  describe(places: readonly Place[]): string;
}

export function schemasOf(root: Node): Schemas {
  const views = new WeakMap<Node, View>();
  const nullables = new WeakMap<Node, boolean>();
  const components = isNode(root.components) ? root.components : {};
  const names = new Set(Object.keys(isNode(components.schemas) ? components.schemas : {}));

  function resolve(value: unknown, pointer: string): Place {
    let place: Place = { node: isNode(value) ? value : {}, pointer };
    const seen = new Set<string>();
    while (typeof place.node.$ref === 'string' && !seen.has(place.node.$ref)) {
      const ref = place.node.$ref;
      seen.add(ref);
      const target = follow(root, ref);
      if (!isNode(target)) return { node: {}, pointer: place.pointer };
      place = { node: target, pointer: ref.slice(1) };
    }
    return typeof place.node.$ref === 'string' ? { node: {}, pointer: place.pointer } : place;
  }

  function peel(places: readonly Place[]): Peeled {
    let own = noMarks;
    let inner = noMarks;
    let component: string | undefined;
    let referred = false;
    const [first] = places;
    if (first === undefined || places.length > 1) return { own, inner, core: places, component };
    let place = first;
    for (let steps = 0; steps < 100; steps++) {
      const { node } = place;
      if (typeof node.$ref === 'string') {
        const ref = node.$ref;
        const target = follow(root, ref);
        if (!isNode(target)) return { own, inner, core: [], component };
        referred = true;
        component = componentAt(ref.slice(1)) ?? component;
        place = { node: target, pointer: ref.slice(1) };
        continue;
      }
      const only = onlyPart(place);
      if (only === undefined || !repeatsType(node, only)) break;
      if (referred) inner = both(inner, marksIn(node));
      else own = both(own, marksIn(node));
      place = only;
    }
    // A circle of references says nothing.
    if (typeof place.node.$ref === 'string') return { own, inner, core: [], component };
    if (referred) inner = both(inner, marksIn(place.node));
    else own = both(own, marksIn(place.node));
    return { own, inner, core: [place], component };
  }

  /** Whether the type beside a part, where there is one, says what the part says itself. */
  function repeatsType({ type }: Node, part: Place): boolean {
    if (type === undefined) return true;
    const { types } = view([part]);
    return types?.size === 1 && types.has(String(type));
  }

  function view(places: readonly Place[]): View {
    const [only] = places;
    const known = places.length === 1 && only !== undefined ? views.get(only.node) : undefined;
    if (known !== undefined) return known;
    const made = build(places);
    if (places.length === 1 && only !== undefined) views.set(only.node, made);
    return made;
  }

  /** All parts that hold together: the nodes themselves and what their `allOf` lists. */
  function partsOf(places: readonly Place[]): Part[] {
    const parts: Part[] = [];
    const seen = new Set<Node>();
    const add = ({ node, pointer }: Place, origin: string | undefined): void => {
      if (typeof node.$ref === 'string') {
        const target = resolve(node, pointer);
        add(target, componentAt(target.pointer) ?? origin);
        return;
      }
      if (seen.has(node)) return;
      seen.add(node);
      parts.push({ node, pointer, origin });
      for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
        const list = listAt(node, pointer, keyword);
        if (keyword === 'allOf' || list.length === 1) for (const part of list) add(part, origin);
      }
    };
    for (const place of places) add(place, undefined);
    return parts;
  }

  function build(places: readonly Place[]): View {
    const parts = partsOf(places);
    const all = <T>(read: (part: Part) => T | undefined): T[] => parts.map(read).filter((it): it is T => it !== undefined);
    const unions = parts.flatMap(({ node, pointer }) =>
      ['oneOf', 'anyOf'].map((keyword) => listAt(node, pointer, keyword)).filter((list) => list.length > 1),
    );
    const fields = new Map<string, { places: Place[]; origin: string | undefined }>();
    for (const { node, pointer, origin } of parts) {
      for (const [name, value] of Object.entries(isNode(node.properties) ? node.properties : {})) {
        const place = { node: isNode(value) ? value : {}, pointer: `${pointer}/properties${step(name)}` };
        const field = fields.get(name);
        if (field === undefined) fields.set(name, { places: [place], origin });
        else fields.set(name, { places: [...field.places, place], origin: undefined });
      }
    }
    const required = new Set(all(({ node }) => (Array.isArray(node.required) ? node.required.map(String) : undefined)).flat());
    for (const name of required) if (!fields.has(name)) fields.set(name, { places: [], origin: undefined });
    const lists = all(({ node }) => (Array.isArray(node.enum) ? node.enum : node.const === undefined ? undefined : [node.const]));
    const [firstList, ...otherLists] = lists.map((list) => list.filter((value) => value !== null));
    const values = firstList?.filter((value) => otherLists.every((list) => list.some((other) => same(value, other))));
    const items = parts
      .filter(({ node }) => isNode(node.items))
      .map(({ node, pointer }) => ({ node: node.items as Node, pointer: `${pointer}/items` }));
    const additional = additionalOf(parts);
    const discriminators = all(({ node }) => (isNode(node.discriminator) ? node.discriminator : undefined));
    const formats = all(({ node }) => (typeof node.format === 'string' ? node.format : undefined));
    const multiples = all(({ node }) => (typeof node.multipleOf === 'number' ? node.multipleOf : undefined));
    return {
      types: typesOf(parts, { fields: fields.size > 0 || additional !== 'any', items: items.length > 0, values, unions }),
      typed: parts.some(({ node }) => node.type !== undefined),
      nullable: places.length > 0 && places.every(isNullable),
      format: formats.length === 0 ? undefined : [...new Set(formats)].sort().join(' and '),
      values,
      patterns: [...new Set(all(({ node }) => (typeof node.pattern === 'string' ? node.pattern : undefined)))].sort(),
      bounds: boundsOf(parts),
      unique: parts.some(({ node }) => node.uniqueItems === true),
      multipleOf: multiples.length === 0 ? undefined : Math.max(...multiples),
      fields,
      required,
      additional,
      items,
      unions,
      discriminator: discriminators[0],
      marks: parts.reduce((marks, { node }) => both(marks, marksIn(node)), noMarks),
      others: othersOf(parts),
      pointer: places[0]?.pointer ?? '',
    };
  }

  /** Whether a schema takes null: it says so itself, or all of its parts do. */
  function isNullable(place: Place): boolean {
    const { node, pointer } = resolve(place.node, place.pointer);
    const known = nullables.get(node);
    if (known !== undefined) return known;
    // What comes back to itself says nothing.
    nullables.set(node, false);
    const isBare = Object.keys(node).every((key) => ignored.has(key) || marking.has(key) || compositions.has(key) || key.startsWith('x-'));
    const options = ['oneOf', 'anyOf'].map((keyword) => listAt(node, pointer, keyword)).filter((list) => list.length > 0);
    const parts = listAt(node, pointer, 'allOf');
    const nullable =
      marksIn(node).nullable ||
      node.type === 'null' ||
      (isBare && options.length + parts.length > 0 && parts.every(isNullable) && options.every((list) => list.some(isNullable)));
    nullables.set(node, nullable);
    return nullable;
  }

  function typesOf(
    parts: readonly Part[],
    hints: { fields: boolean; items: boolean; values: readonly unknown[] | undefined; unions: readonly (readonly Place[])[] },
    depth = 0,
  ): ReadonlySet<string> | undefined {
    const named = parts.map(({ node }) => typeNames(node.type)).filter((types) => types !== undefined);
    if (named.length > 0) return named.reduce(intersect);
    if (hints.fields) return new Set(['object']);
    if (hints.items) return new Set(['array']);
    if (hints.values !== undefined && hints.values.length > 0) return new Set(hints.values.map(typeOfValue));
    const [union] = hints.unions;
    if (union === undefined || depth > 5) return undefined;
    const types = new Set<string>();
    for (const option of union) {
      const inside = partsOf([option]);
      const found = typesOf(
        inside,
        {
          fields: inside.some(({ node }) => isNode(node.properties) || Array.isArray(node.required)),
          items: inside.some(({ node }) => isNode(node.items)),
          values: inside.map(({ node }) => node.enum).find(Array.isArray),
          unions: inside
            .flatMap(({ node, pointer }) => ['oneOf', 'anyOf'].map((keyword) => listAt(node, pointer, keyword)))
            .filter((list) => list.length > 1),
        },
        depth + 1,
      );
      if (found === undefined) return undefined;
      for (const type of found) types.add(type);
    }
    return types;
  }

  function describe(places: readonly Place[], depth = 0): string {
    const { component, core } = peel(places);
    if (component !== undefined) return component;
    if (depth > 4) return '…';
    const it = view(core);
    const [union] = it.unions;
    if (union !== undefined) return union.map((option) => describe([option], depth + 1)).join(' | ');
    if (it.types === undefined) return 'anything';
    return [...it.types]
      .map((type) => {
        if (type === 'array') return `${it.items.length === 0 ? 'anything' : describe(it.items, depth + 1)}[]`;
        if (type === 'object' && it.fields.size === 0 && typeof it.additional !== 'string')
          return `map<${describe(it.additional, depth + 1)}>`;
        return it.format === undefined || type === 'object' ? type : `${type}:${it.format}`;
      })
      .join(' | ');
  }

  return { root, names, resolve, peel, view, describe };
}

function listAt(node: Node, pointer: string, keyword: string): Place[] {
  const list = node[keyword];
  if (!Array.isArray(list)) return [];
  return list.map((item, index) => ({ node: isNode(item) ? item : {}, pointer: `${pointer}/${keyword}/${index}` }));
}

/** The one part that a wrapper holds: `allOf: [X]` with nothing but marks, words and a type beside it. */
function onlyPart({ node, pointer }: Place): Place | undefined {
  let only: Place | undefined;
  for (const key of Object.keys(node)) {
    if (marking.has(key) || ignored.has(key) || key === 'type' || key.startsWith('x-')) continue;
    if (key !== 'allOf' && key !== 'oneOf' && key !== 'anyOf') return undefined;
    const list = listAt(node, pointer, key);
    if (list.length !== 1 || only !== undefined) return undefined;
    only = list[0];
  }
  return only;
}

function typeNames(type: unknown): Set<string> | undefined {
  if (type === undefined) return undefined;
  const names = new Set([type].flat().map(String));
  if (names.size > 1) names.delete('null');
  return names;
}

const typeOfValue = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;

function intersect(a: Set<string>, b: Set<string>): Set<string> {
  const shared = new Set([...a].filter((type) => b.has(type)));
  if (a.has('integer') && b.has('number')) shared.add('integer');
  if (a.has('number') && b.has('integer')) shared.add('integer');
  return shared;
}

function additionalOf(parts: readonly Part[]): Additional {
  const said = parts.filter(({ node }) => node.additionalProperties !== undefined && node.additionalProperties !== true);
  if (said.some(({ node }) => node.additionalProperties === false)) return 'none';
  const places = said
    .filter(({ node }) => isNode(node.additionalProperties) && Object.keys(node.additionalProperties).length > 0)
    .map(({ node, pointer }) => ({ node: node.additionalProperties as Node, pointer: `${pointer}/additionalProperties` }));
  return places.length === 0 ? 'any' : places;
}

/** The tightest limits of all parts; limits that limit nothing are left out. */
function boundsOf(parts: readonly Part[]): Map<string, Bound> {
  const bounds = new Map<string, Bound>();
  for (const { node } of parts) {
    for (const keyword of [...lower, ...upper]) {
      const isLower = lower.includes(keyword);
      const exclusive = keyword === 'minimum' ? node.exclusiveMinimum : keyword === 'maximum' ? node.exclusiveMaximum : undefined;
      const candidates: Bound[] = [];
      if (typeof node[keyword] === 'number') candidates.push({ value: node[keyword], exclusive: exclusive === true });
      if (typeof exclusive === 'number') candidates.push({ value: exclusive, exclusive: true });
      for (const bound of candidates) {
        if (isLower && keyword !== 'minimum' && bound.value <= 0) continue;
        const known = bounds.get(keyword);
        if (known === undefined || compareBounds(bound, known, isLower) > 0) bounds.set(keyword, bound);
      }
    }
  }
  return bounds;
}

export const isLowerBound = (keyword: string): boolean => lower.includes(keyword);

/** Positive where `a` is tighter than `b`. */
export function compareBounds(a: Bound | undefined, b: Bound | undefined, isLower: boolean): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.value === b.value) return Number(a.exclusive) - Number(b.exclusive);
  return a.value > b.value === isLower ? 1 : -1;
}

function othersOf(parts: readonly Part[]): Map<string, string> {
  const others = new Map<string, string[]>();
  for (const { node } of parts) {
    for (const [key, value] of Object.entries(node)) {
      if (understood.has(key) || ignored.has(key) || key.startsWith('x-')) continue;
      others.set(key, [...(others.get(key) ?? []), canonical(value)]);
    }
  }
  return new Map([...others].map(([key, values]) => [key, values.sort().join(' and ')]));
}

const schemaRules = rulesOf('schema');

/** A value in one form: keys in order, words and extensions left out, sets sorted. */
export function canonical(value: unknown): string {
  const strip = (it: unknown, named: boolean): unknown => {
    if (Array.isArray(it)) return it.map((item) => strip(item, false));
    if (!isNode(it)) return it;
    return Object.fromEntries(
      Object.entries(it)
        .filter(([key]) => named || !(ignored.has(key) || key.startsWith('x-')))
        .map(([key, item]) => {
          if (!named && schemaRules[key] === 'set' && Array.isArray(item))
            return [key, item.map((member) => JSON.stringify(member)).sort()];
          if (!named && compositions.has(key) && Array.isArray(item))
            return [key, item.map((part) => JSON.stringify(sortKeys(strip(part, false)))).sort()];
          return [key, strip(item, !named && (key === 'properties' || key === 'patternProperties'))];
        }),
    );
  };
  return JSON.stringify(sortKeys(strip(value, false))) ?? 'undefined';
}

export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
