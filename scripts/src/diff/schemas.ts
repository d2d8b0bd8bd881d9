// Compares schemas by the way they travel: what a consumer may send must not shrink, what it may get must not grow.
import { isNode } from '../document/grammar.ts';
import { type Bump, type Direction, type Finding, type Owner, show } from './change.ts';
import {
  type Additional,
  type Bound,
  canonical,
  compareBounds,
  type Field,
  isLowerBound,
  type Marks,
  marksOf,
  type Place,
  type Schemas,
  same,
  step,
  type View,
} from './view.ts';

/** Where a comparison stands. */
export interface Context {
  readonly direction: Direction;
  /** Whose change it is. */
  readonly owner: Owner;
  /** What the path starts from, in a sentence: `the request body`; empty for a component. */
  readonly base: string;
  /** The field below it, such as `owner.name`. */
  readonly path: string;
  /** Whose operations are concerned: an operation, or a pair of schemas. */
  readonly source: string;
}

/** Where it is before and after. */
type Pointers = readonly [(string | undefined)?, (string | undefined)?];

type Said = Omit<Finding, 'owner' | 'operations' | 'direction'>;

/** A pair of schemas on one way, compared once however many places use it. */
interface Unit {
  readonly before: readonly Place[];
  readonly after: readonly Place[];
  readonly context: Context;
}

/**
 * Fields that several parts of an `allOf` define are compared in combination. Types that contain themselves in many such
 * parts have combinations without end in sight; no document that people wrote comes near this number.
 */
const mostCombined = 10_000;

export interface SchemaComparison {
  /** Compares two schemas of an operation. */
  compare(before: readonly Place[], after: readonly Place[], context: Context): void;
  /** Notes what an operation's own parts found. */
  note(context: Context, said: Said): void;
  /** Whether the component has been compared with itself. */
  visited(before: string, after: string): boolean;
  /** Components that took another's place, with the number of places. */
  readonly replaced: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Everything found; `operations` are those that reach a finding. */
  findings(): Finding[];
}

export function compareSchemas(before: Schemas, after: Schemas): SchemaComparison {
  const found: { context: Context; said: Said }[] = [];
  const units = new Map<string, Unit>();
  const uses = new Map<string, Set<string>>();
  const pairs = new Set<string>();
  const replaced = new Map<string, Map<string, number>>();
  const waiting: Unit[] = [];
  const ids = new WeakMap<object, number>();
  let lastId = 0;
  let combined = 0;
  let busy = false;

  const idOf = (places: readonly Place[]): string =>
    places
      .map(({ node }) => {
        const known = ids.get(node) ?? ++lastId;
        ids.set(node, known);
        return known;
      })
      .join('+');

  const note = (context: Context, said: Said): void => {
    found.push({ context, said });
  };

  /** Notes a difference of a schema; the field is said by the caller's path. */
  function differs(context: Context, rule: string, bump: Bump, b: unknown, a: unknown, at: Pointers, say: string): void {
    const [pointerBefore, pointerAfter] = at;
    note(context, {
      rule,
      bump,
      ...(context.path === '' ? {} : { field: context.path }),
      location: {
        ...(pointerBefore === undefined ? {} : { before: pointerBefore }),
        ...(pointerAfter === undefined ? {} : { after: pointerAfter }),
      },
      ...(b === undefined ? {} : { before: b }),
      ...(a === undefined ? {} : { after: a }),
      say,
    });
  }

  function compare(b: readonly Place[], a: readonly Place[], context: Context): void {
    const pb = before.peel(b);
    const pa = after.peel(a);
    const at = [pb.core[0]?.pointer, pa.core[0]?.pointer] as const;
    const place = [b[0]?.pointer, a[0]?.pointer] as const;
    // A mark that changes in the component itself is the component's change, not that of every place that refers to it.
    const inside = (key: keyof Marks): boolean => isSameType(pb.component, pa.component) && same(pb.own[key], pa.own[key]);
    const inComponent = (name: string): Context => ({ ...context, owner: { kind: 'schema', name }, base: '', path: '' });
    const vb = before.view(pb.core);
    const va = after.view(pa.core);
    const marksBefore = marksOf({ ...pb, inner: { ...pb.inner, nullable: pb.inner.nullable || vb.nullable } });
    const marksAfter = marksOf({ ...pa, inner: { ...pa.inner, nullable: pa.inner.nullable || va.nullable } });
    const contextOf = (key: keyof Marks): Context => (inside(key) && pa.component !== undefined ? inComponent(pa.component) : context);
    const pointersOf = (key: keyof Marks): Pointers => (inside(key) ? at : place);
    compareMarks(marksBefore, marksAfter, contextOf, pointersOf, vb.types !== undefined && va.types !== undefined);

    if (pb.component !== undefined && pa.component !== undefined) {
      pairs.add(`${pb.component}\0${pa.component}`);
      if (pb.component !== pa.component) {
        const others = replaced.get(pb.component) ?? new Map<string, number>();
        others.set(pa.component, (others.get(pa.component) ?? 0) + 1);
        replaced.set(pb.component, others);
      }
    }
    if (pb.core.length === 0 || pa.core.length === 0) {
      compareViews(vb, va, context);
      return;
    }
    const key = `${idOf(pb.core)} ${idOf(pa.core)} ${context.direction}`;
    uses.set(key, (uses.get(key) ?? new Set()).add(context.source));
    if (units.has(key)) return;
    if ((pb.core.length > 1 || pa.core.length > 1) && ++combined > mostCombined) return;
    // What changes within one type is that type's change; where one type took another's place, it is the field's.
    const own = isSameType(pb.component, pa.component) ? inComponent(pa.component ?? '') : context;
    const unit = { before: pb.core, after: pa.core, context: { ...own, source: key } };
    units.set(key, unit);
    waiting.push(unit);
    work();
  }

  /** Whether two names are of one type: the same, or one that went and one that came. */
  function isSameType(b: string | undefined, a: string | undefined): boolean {
    return b !== undefined && a !== undefined && (b === a || (!after.names.has(b) && !before.names.has(a)));
  }

  /** Units are worked off one after the other, so that no depth of references exhausts the stack. */
  function work(): void {
    if (busy) return;
    busy = true;
    for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
      compareViews(before.view(unit.before), after.view(unit.after), unit.context);
    }
    busy = false;
  }

  function compareMarks(
    b: Marks,
    a: Marks,
    contextOf: (key: keyof Marks) => Context,
    at: (key: keyof Marks) => Pointers,
    typed: boolean,
  ): void {
    if (typed && b.nullable !== a.nullable) {
      const context = contextOf('nullable');
      const it = where(context);
      const request = context.direction === 'request';
      const [bump, say]: [Bump, string] = request
        ? a.nullable
          ? ['minor', `${it} may be sent as null`]
          : ['major', `${it} can no longer be sent as null`]
        : a.nullable
          ? ['major', `${it} can be null in answers`]
          : ['minor', `${it} is never null in answers any more`];
      differs(context, 'nullability-changed', bump, nullability(b.nullable), nullability(a.nullable), at('nullable'), say);
    }
    if (b.deprecated !== a.deprecated) {
      const context = contextOf('deprecated');
      const say = a.deprecated ? `${where(context)} is deprecated` : `${where(context)} is no longer deprecated`;
      differs(
        context,
        a.deprecated ? 'deprecated' : 'undeprecated',
        a.deprecated ? 'minor' : 'patch',
        b.deprecated,
        a.deprecated,
        at('deprecated'),
        say,
      );
    }
    if (!same(b.preset ?? null, a.preset ?? null)) {
      const context = contextOf('preset');
      const it = where(context);
      // Who leaves it out gets something else than before; in an answer, a default has no effect.
      const bump: Bump = context.direction === 'answer' ? 'patch' : b.preset === undefined ? 'minor' : 'major';
      const say =
        b.preset === undefined
          ? `${it} has the default ${show(a.preset)}`
          : a.preset === undefined
            ? `${it} no longer has a default; it was ${show(b.preset)}`
            : `the default of ${it} is ${show(a.preset)}, no longer ${show(b.preset)}`;
      differs(context, 'default-changed', bump, b.preset, a.preset, at('preset'), say);
    }
  }

  function compareViews(vb: View, va: View, context: Context): void {
    const at = [vb.pointer, va.pointer] as const;
    // Where alternatives are compared one by one, their types need no word of their own.
    const unstated = ({ unions, typed }: View): boolean => unions.length === 0 || !typed;
    const alternatives = vb.unions.length + va.unions.length > 0 && unstated(vb) && unstated(va) && overlap(vb.types, va.types);
    if (!alternatives && !compareTypes(vb, va, context, at)) return;
    if (!compareUnions(vb, va, context, at)) return;
    compareValues(vb, va, context, at);
    compareFormats(vb, va, context, at);
    compareLimits(vb, va, context, at);
    compareOthers(vb, va, context, at);
    compareDiscriminators(vb, va, context, at);
    if (isObject(vb) || isObject(va)) {
      compareFields(vb, va, context);
      compareAdditional(vb.additional, va.additional, context, at);
    }
    if (vb.items.length > 0 || va.items.length > 0) compare(vb.items, va.items, { ...context, path: `${context.path}[]` });
  }

  /** @returns whether there is anything to compare below */
  function compareTypes(vb: View, va: View, context: Context, at: readonly [string, string]): boolean {
    if (vb.types === undefined && va.types === undefined) return true;
    const lost = missing(vb.types, va.types);
    const gained = missing(va.types, vb.types);
    if (lost.length === 0 && gained.length === 0) return true;
    const [b, a] = [typeText(vb), typeText(va)];
    const breaks = context.direction === 'request' ? lost.length > 0 : gained.length > 0;
    const say = `${where(context)} is ${show(a)}${wayOf(context)}, no longer ${show(b)}`;
    differs(context, 'type-changed', breaks ? 'major' : 'minor', b, a, at, say);
    if (vb.types === undefined || va.types === undefined) return false;
    return overlap(vb.types, va.types);
  }

  /** @returns whether there is anything to compare besides */
  function compareUnions(vb: View, va: View, context: Context, at: readonly [string, string]): boolean {
    if (vb.unions.length === 0 && va.unions.length === 0) return true;
    const request = context.direction === 'request';
    const [ub, ...moreBefore] = vb.unions;
    const [ua, ...moreAfter] = va.unions;
    if (moreBefore.length > 0 || moreAfter.length > 0) {
      const forms = [vb, va].map((it) => canonical(it.unions.map((union) => union.map(({ node }) => canonical(node)).sort()).sort()));
      if (forms[0] !== forms[1])
        differs(context, 'alternatives-changed', 'major', undefined, undefined, at, `the alternatives of ${where(context)} are others`);
      return true;
    }
    if (ub === undefined || ua === undefined) {
      const plain = ub === undefined ? vb : va;
      const union = ub === undefined ? va : vb;
      if (plain.types === undefined && !hasContent(plain)) {
        const [b, a] = [vb, va].map((it) => (it === plain ? 'anything' : 'one of several alternatives'));
        const say = `${where(context)} is ${a}${wayOf(context)}, no longer ${b}`;
        differs(context, 'type-changed', request === (ub === undefined) ? 'major' : 'minor', b, a, at, say);
        return true;
      }
      if (!hasContent(union)) {
        // The plain schema is a union of one.
        const self: Place = { node: { $ref: `#${plain.pointer}` }, pointer: plain.pointer };
        compareOptions(ub ?? [self], ua ?? [self], context, at);
        return false;
      }
      const breaks = request === (ub === undefined);
      const say =
        ub === undefined
          ? `${where(context)} is one of several alternatives`
          : `${where(context)} is no longer one of several alternatives`;
      differs(context, 'alternatives-changed', breaks ? 'major' : 'minor', undefined, undefined, at, say);
      return true;
    }
    compareOptions(ub, ua, context, at);
    return true;
  }

  function compareOptions(ub: readonly Place[], ua: readonly Place[], context: Context, at: readonly [string, string]): void {
    const restBefore = [...ub];
    const restAfter = [...ua];
    const pair = (alike: (b: Place, a: Place) => boolean): void => {
      for (const b of [...restBefore]) {
        const a = restAfter.find((it) => alike(b, it));
        if (a === undefined) continue;
        restBefore.splice(restBefore.indexOf(b), 1);
        restAfter.splice(restAfter.indexOf(a), 1);
        compare([b], [a], context);
      }
    };
    pair((b, a) => {
      const name = before.peel([b]).component;
      return name !== undefined && name === after.peel([a]).component;
    });
    pair((b, a) => formOf(before, b) === formOf(after, a));
    pair((b, a) => shapeOf(before, b) === shapeOf(after, a));
    if (restBefore.length === restAfter.length) pair(() => true);
    const request = context.direction === 'request';
    for (const b of restBefore) {
      const name = before.describe([b]);
      const say = `${where(context)} is no longer ${show(name)}${request ? ' in requests' : ' in answers'}`;
      differs(context, 'alternative-removed', request ? 'major' : 'minor', name, undefined, [b.pointer, at[1]], say);
    }
    for (const a of restAfter) {
      const name = after.describe([a]);
      const say = request ? `${where(context)} may also be ${show(name)}` : `${where(context)} can also be ${show(name)} in answers`;
      differs(context, 'alternative-added', request ? 'minor' : 'major', undefined, name, [at[0], a.pointer], say);
    }
  }

  function compareValues(vb: View, va: View, context: Context, at: readonly [string, string]): void {
    const [b, a] = [vb.values, va.values];
    if (b === undefined && a === undefined) return;
    const request = context.direction === 'request';
    const it = where(context);
    if (b === undefined || a === undefined) {
      const [rule, say] =
        b === undefined
          ? ['enum-introduced', request ? `${it} takes ${listValues(a)} alone` : `${it} has known values: ${listValues(a)}`]
          : ['enum-dropped', request ? `${it} takes any value` : `${it} no longer has known values; they were ${listValues(b)}`];
      differs(context, rule, request && b === undefined ? 'major' : 'minor', b, a, at, say);
      return;
    }
    const removed = b.filter((value) => !a.some((other) => same(value, other)));
    const added = a.filter((value) => !b.some((other) => same(value, other)));
    if (removed.length > 0) {
      const say = request ? `${it} no longer takes ${listValues(removed)}` : `${it} is never ${listValues(removed)} any more`;
      differs(context, 'enum-values-removed', request ? 'major' : 'minor', removed, undefined, at, say);
    }
    if (added.length > 0) {
      const say = request
        ? `${it} also takes ${listValues(added)}`
        : `${it} can also be ${listValues(added)}; enumerations of answers are open`;
      differs(context, 'enum-values-added', 'minor', undefined, added, at, say);
    }
  }

  function compareFormats(vb: View, va: View, context: Context, at: readonly [string, string]): void {
    const [b, a] = [vb.format, va.format];
    if (b === a) return;
    const breaks = context.direction === 'request' ? !fits(b, a) : !fits(a, b);
    const say = `the format of ${where(context)}${wayOf(context)} is ${a === undefined ? 'no longer stated' : show(a)}${b === undefined ? '' : `; it was ${show(b)}`}`;
    differs(context, 'format-changed', breaks ? 'major' : 'minor', b, a, at, say);
  }

  function compareLimits(vb: View, va: View, context: Context, at: readonly [string, string]): void {
    const limit = (keyword: string, b: unknown, a: unknown, tighter: boolean): void => {
      if (context.direction === 'answer') {
        differs(
          context,
          'limit-changed',
          'patch',
          labelled(keyword, b),
          labelled(keyword, a),
          at,
          `${keyword} of ${where(context)} in answers ${from(b, a)}`,
        );
        return;
      }
      const rule = tighter ? 'limit-tightened' : 'limit-loosened';
      differs(
        context,
        rule,
        tighter ? 'major' : 'minor',
        labelled(keyword, b),
        labelled(keyword, a),
        at,
        `${keyword} of ${where(context)} ${from(b, a)}`,
      );
    };
    for (const keyword of new Set([...vb.bounds.keys(), ...va.bounds.keys()])) {
      const [b, a] = [vb.bounds.get(keyword), va.bounds.get(keyword)];
      const order = compareBounds(a, b, isLowerBound(keyword));
      if (order !== 0) limit(keyword, boundText(b), boundText(a), order > 0);
    }
    if (!same(vb.patterns, va.patterns)) {
      const tighter = va.patterns.some((pattern) => !vb.patterns.includes(pattern));
      const text = (patterns: readonly string[]): string | undefined => (patterns.length === 0 ? undefined : patterns.join(' and '));
      limit('pattern', text(vb.patterns), text(va.patterns), tighter);
    }
    if (vb.unique !== va.unique) limit('uniqueItems', vb.unique || undefined, va.unique || undefined, va.unique);
    if (vb.multipleOf !== va.multipleOf) {
      const loosened = va.multipleOf === undefined || (vb.multipleOf !== undefined && Number.isInteger(vb.multipleOf / va.multipleOf));
      limit('multipleOf', vb.multipleOf, va.multipleOf, !loosened);
    }
  }

  /** What is not understood may tighten a request; it is said, and rated as if it did. */
  function compareOthers(vb: View, va: View, context: Context, at: readonly [string, string]): void {
    for (const keyword of new Set([...vb.others.keys(), ...va.others.keys()])) {
      const [b, a] = [vb.others.get(keyword), va.others.get(keyword)];
      if (b === a) continue;
      const bump: Bump = context.direction === 'request' && a !== undefined ? 'major' : 'minor';
      differs(
        context,
        'keyword-changed',
        bump,
        labelled(keyword, b),
        labelled(keyword, a),
        at,
        `${show(keyword)} of ${where(context)}${wayOf(context)} ${from(b, a)}`,
      );
    }
  }

  function compareDiscriminators(vb: View, va: View, context: Context, at: readonly [string, string]): void {
    const [b, a] = [vb.discriminator, va.discriminator];
    if (same(b ?? null, a ?? null)) return;
    const breaks = b !== undefined && b.propertyName !== a?.propertyName;
    const say = breaks
      ? `alternatives of ${where(context)} are told apart by ${show(a?.propertyName)}, no longer by ${show(b.propertyName)}`
      : `the values by which alternatives of ${where(context)} are told apart are others`;
    if (!breaks && b !== undefined && canonical(b.mapping) === canonical(a?.mapping)) return;
    differs(context, 'discriminator-changed', breaks ? 'major' : 'minor', b, a, at, say);
  }

  function compareFields(vb: View, va: View, context: Context): void {
    const request = context.direction === 'request';
    const fieldsBefore = travelling(before, vb.fields, context.direction);
    const fieldsAfter = travelling(after, va.fields, context.direction);
    for (const name of namesOf(fieldsBefore, fieldsAfter)) {
      const b = fieldsBefore.get(name);
      const defined = fieldsAfter.get(name);
      // An answer that requires a field which it no longer defines has lost it.
      const a = !request && defined?.places.length === 0 && (b?.places.length ?? 0) > 0 ? undefined : defined;
      const origin = b === undefined ? a?.origin : a === undefined || b.origin === a.origin ? b.origin : undefined;
      const inner: Context =
        origin === undefined
          ? { ...context, path: context.path === '' ? name : `${context.path}.${name}` }
          : { ...context, owner: { kind: 'schema', name: origin }, base: '', path: name };
      const it = where(inner);
      const requiredBefore = vb.required.has(name);
      const requiredAfter = va.required.has(name);
      if (b === undefined && a !== undefined) {
        const type = after.describe(a.places);
        const place = [vb.pointer, a.places[0]?.pointer] as const;
        const say = !request
          ? `answers have the new field ${it} (${type})`
          : requiredAfter
            ? `the new field ${it} (${type}) has to be sent`
            : `the new field ${it} (${type}) may be sent`;
        differs(
          inner,
          request && requiredAfter ? 'required-field-added' : 'field-added',
          request && requiredAfter ? 'major' : 'minor',
          undefined,
          type,
          place,
          say,
        );
      } else if (a === undefined && b !== undefined) {
        const type = before.describe(b.places);
        const say = request ? `the field ${it} (${type}) can no longer be sent` : `answers no longer have the field ${it} (${type})`;
        differs(inner, 'field-removed', 'major', type, undefined, [b.places[0]?.pointer, va.pointer], say);
      } else if (a !== undefined && b !== undefined) {
        const places = [b.places[0]?.pointer ?? vb.pointer, a.places[0]?.pointer ?? va.pointer] as const;
        if (requiredBefore !== requiredAfter) {
          const say = requiredAfter
            ? request
              ? `${it} has to be sent; it was optional`
              : `${it} is always there in answers`
            : request
              ? `${it} may be left out; it was required`
              : `${it} can be missing in answers; it was always there`;
          const rule = requiredAfter ? 'field-became-required' : 'field-became-optional';
          const text = (required: boolean): string => (required ? 'required' : 'optional');
          differs(inner, rule, request === requiredAfter ? 'major' : 'minor', text(requiredBefore), text(requiredAfter), places, say);
        }
        compare(b.places, a.places, inner);
      }
    }
  }

  function compareAdditional(b: Additional, a: Additional, context: Context, at: readonly [string, string]): void {
    const further: Context = { ...context, path: `${context.path}{}` };
    if (typeof b !== 'string' && typeof a !== 'string') {
      compare(b, a, further);
      return;
    }
    if (b === a) return;
    const request = context.direction === 'request';
    const width = (it: Additional): number => (it === 'any' ? 2 : it === 'none' ? 0 : 1);
    const text = (it: Additional, schemas: Schemas): string => (it === 'any' ? 'anything' : it === 'none' ? 'none' : schemas.describe(it));
    const closed = a === 'none';
    // Answers that may have fields that nobody named hurt only those who read the map by its values' type.
    const breaks = closed ? request || b !== 'any' : request ? width(a) < width(b) : typeof b !== 'string';
    const bump: Bump = breaks ? 'major' : closed && !request ? 'patch' : 'minor';
    const [tb, ta] = [text(b, before), text(a, after)];
    const name = context.path === '' && context.base === '' ? 'the object' : where(context);
    differs(further, 'further-fields-changed', bump, tb, ta, at, `further fields of ${name}${wayOf(context)}: ${ta}, no longer ${tb}`);
  }

  /** Operations that reach each source. */
  function reach(): Map<string, Set<string>> {
    const targets = new Map<string, string[]>();
    for (const [key, sources] of uses) for (const source of sources) targets.set(source, [...(targets.get(source) ?? []), key]);
    const reached = new Map<string, Set<string>>();
    for (const start of targets.keys()) {
      if (units.has(start)) continue;
      const todo = [start];
      const seen = new Set<string>(todo);
      for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
        if (start !== '') reached.set(at, (reached.get(at) ?? new Set()).add(start));
        for (const next of targets.get(at) ?? []) {
          if (seen.has(next)) continue;
          seen.add(next);
          todo.push(next);
        }
      }
    }
    return reached;
  }

  return {
    compare,
    note,
    visited: (b, a) => pairs.has(`${b}\0${a}`),
    replaced,
    findings() {
      const reached = reach();
      return found.map(({ context, said }) => {
        const { owner, source, direction } = context;
        const own = source === '' || units.has(source) ? [] : [source];
        return {
          ...said,
          direction: owner.kind === 'document' ? undefined : direction,
          owner,
          operations: reached.get(source) ?? own,
        };
      });
    },
  };
}

/** The names of both, sorted: where two places share a schema, which one is named must not hang on the order of keys. */
export const namesOf = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort();

/** The field of a context, as a sentence calls it. */
function where({ path, base }: Pick<Context, 'path' | 'base'>): string {
  if (path === '') return base === '' ? 'the value' : base;
  return base === '' ? show(path) : `${show(path)} of ${base}`;
}

/** A parameter's or body's context names its way itself. */
const wayOf = ({ direction, base }: Context): string => (base !== '' ? '' : direction === 'request' ? ' in requests' : ' in answers');

const nullability = (nullable: boolean): string => (nullable ? 'nullable' : 'never null');

const isObject = (view: View): boolean => view.types?.has('object') === true || view.fields.size > 0;

/** Whether a schema says something besides its alternatives. */
const hasContent = ({ fields, items, additional, values, bounds, patterns }: View): boolean =>
  fields.size > 0 || items.length > 0 || additional !== 'any' || values !== undefined || bounds.size > 0 || patterns.length > 0;

/** Types of `from` that `to` does not cover; nothing said covers everything. */
function missing(from: ReadonlySet<string> | undefined, to: ReadonlySet<string> | undefined): string[] {
  if (to === undefined) return [];
  if (from === undefined) return ['anything'];
  return [...from].filter((type) => !to.has(type) && !(type === 'integer' && to.has('number')));
}

/** Whether some value can be of both. */
const overlap = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  [...a].some((type) => b.has(type) || (type === 'integer' && b.has('number')) || (type === 'number' && b.has('integer')));

const typeText = ({ types }: View): string => (types === undefined ? 'anything' : [...types].sort().join(' or ') || 'nothing');

const wider: Readonly<Record<string, string>> = { int32: 'int64', float: 'double' };

/** Whether every value of the first format is one of the second. */
const fits = (narrow: string | undefined, wide: string | undefined): boolean =>
  wide === undefined || narrow === wide || (narrow !== undefined && wider[narrow] === wide);

/** Fields that travel this way: what is read only is not sent, what is write only does not come back. */
function travelling(schemas: Schemas, fields: ReadonlyMap<string, Field>, direction: Direction): Map<string, Field> {
  return new Map(
    [...fields].filter(([, { places }]) => {
      const marks = marksOf(schemas.peel(places));
      return direction === 'request' ? !marks.readOnly : !marks.writeOnly;
    }),
  );
}

/** A schema in one form, references named. */
const formOf = (schemas: Schemas, place: Place): string =>
  schemas.peel([place]).component ?? canonical(schemas.peel([place]).core.map(({ node }) => node));

/** Type and names of fields. */
function shapeOf(schemas: Schemas, place: Place): string {
  const { types, fields } = schemas.view(schemas.peel([place]).core);
  return JSON.stringify([[...(types ?? [])].sort(), [...fields.keys()].sort()]);
}

const listValues = (values: readonly unknown[] | undefined): string => {
  const all = values ?? [];
  const shown = all.slice(0, 12).map(show).join(', ');
  return all.length > 12 ? `${shown} and ${all.length - 12} more` : shown;
};

const boundText = (bound: Bound | undefined): string | undefined =>
  bound === undefined ? undefined : `${bound.value}${bound.exclusive ? ' (exclusive)' : ''}`;

const labelled = (keyword: string, value: unknown): string | undefined => (value === undefined ? undefined : `${keyword} ${String(value)}`);

const from = (b: unknown, a: unknown): string =>
  b === undefined
    ? `is ${show(String(a))}; there was none`
    : a === undefined
      ? `is gone; it was ${show(String(b))}`
      : `is ${show(String(a))}; it was ${show(String(b))}`;

/** The schema of a media type, parameter or header. */
export function schemaPlace(node: unknown, pointer: string): Place[] {
  return isNode(node) ? [{ node, pointer: `${pointer}${step('schema')}` }] : [];
}
