// Compares operations: which became which, and what changed in their parameters, bodies, answers, security and identity.
import { isNode, type Node } from '../document/grammar.ts';
import { camelCase } from '../model.ts';
import { type Bump, type Direction, show } from './change.ts';
import { type Context, namesOf, type SchemaComparison, schemaPlace } from './schemas.ts';
import { canonical, type Place, type Schemas, same, step } from './view.ts';

interface Operation {
  /** Its operationId, or method and path. */
  readonly name: string;
  readonly id: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly node: Node;
  readonly pointer: string;
  readonly item: Node;
  readonly itemPointer: string;
}

interface Parameter extends Place {
  readonly in: string;
  readonly name: string;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function operationsOf(schemas: Schemas): Operation[] {
  const found: Operation[] = [];
  for (const [path, entry] of Object.entries(isNode(schemas.root.paths) ? schemas.root.paths : {})) {
    if (path.startsWith('x-')) continue;
    const { node: item, pointer: itemPointer } = schemas.resolve(entry, `/paths${step(path)}`);
    for (const method of methods) {
      const node = item[method];
      if (!isNode(node)) continue;
      const id = typeof node.operationId === 'string' ? node.operationId : undefined;
      const name = id ?? `${method.toUpperCase()} ${path}`;
      found.push({ name, id, method, path, node, pointer: `${itemPointer}/${method}`, item, itemPointer });
    }
  }
  // Where two operations share a schema, which one is named must not hang on the order of paths.
  return found.sort((a, b) => (routeOf(a) < routeOf(b) ? -1 : 1));
}

/** A path with its parameters unnamed: what the server sees of it. */
const template = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');
const routeOf = ({ method, path }: Operation): string => `${method.toUpperCase()} ${path}`;

/** Pairs operations by id, then by method and path, then by what the server sees of the path. */
function pairUp(before: readonly Operation[], after: readonly Operation[]): { b?: Operation; a?: Operation }[] {
  const restBefore = new Set(before);
  const restAfter = new Set(after);
  const pairs = new Map<Operation, Operation>();
  const by = (key: (operation: Operation) => string | undefined): void => {
    const known = new Map<string, Operation>();
    for (const a of restAfter) {
      const it = key(a);
      if (it !== undefined && !known.has(it)) known.set(it, a);
    }
    for (const b of restBefore) {
      const it = key(b);
      const a = it === undefined ? undefined : known.get(it);
      if (a === undefined || !restAfter.has(a)) continue;
      pairs.set(b, a);
      restBefore.delete(b);
      restAfter.delete(a);
    }
  };
  by(({ id }) => id);
  by(routeOf);
  by(({ method, path }) => `${method} ${template(path)}`);
  return [...before.map((b) => ({ b, ...(pairs.has(b) ? { a: pairs.get(b) as Operation } : {}) })), ...[...restAfter].map((a) => ({ a }))];
}

export function compareOperations(before: Schemas, after: Schemas, comparison: SchemaComparison): void {
  const schemes = sameSchemes(before.root, after.root);
  const tokensBefore = hasTokens(before);
  const tokensAfter = hasTokens(after);

  for (const { b, a } of pairUp(operationsOf(before), operationsOf(after))) {
    const name = (a ?? b)?.name ?? '';
    const context: Context = { direction: 'request', owner: { kind: 'operation', name }, base: '', path: '', source: name };
    const note = noteOf(comparison, context);
    const location = { ...(b === undefined ? {} : { before: b.pointer }), ...(a === undefined ? {} : { after: a.pointer }) };
    if (a === undefined && b !== undefined) {
      note('operation-removed', 'major', location, routeOf(b), undefined, `the operation is gone; it was ${show(routeOf(b))}`);
    } else if (b === undefined && a !== undefined) {
      note('operation-added', 'minor', location, undefined, routeOf(a), `new operation, ${show(routeOf(a))}`);
    } else if (a !== undefined && b !== undefined) {
      compareNames(b, a, note);
      if ((b.node.deprecated === true) !== (a.node.deprecated === true)) {
        const deprecated = a.node.deprecated === true;
        const rule = deprecated ? 'operation-deprecated' : 'operation-undeprecated';
        note(rule, deprecated ? 'minor' : 'patch', location, !deprecated, deprecated, deprecated ? 'deprecated' : 'no longer deprecated');
      }
      compareParameters(b, a, context);
      compareBodies(
        before.resolve(b.node.requestBody, `${b.pointer}/requestBody`),
        after.resolve(a.node.requestBody, `${a.pointer}/requestBody`),
        context,
      );
      compareAnswers(b, a, context);
      compareSecurity(b, a, note);
      if (tokensBefore && tokensAfter) compareTokens(b, a, note);
      comparePaging(b, a, note);
      compareCallbacks(b, a, context);
    }
  }

  function compareNames(b: Operation, a: Operation, note: Note): void {
    const location = { before: b.pointer, after: a.pointer };
    if (b.id !== undefined && a.id !== undefined && b.id !== a.id)
      note('operation-renamed', 'major', location, b.id, a.id, `renamed; it was ${show(b.id)} (${routeOf(b)})`);
    if (template(b.path) !== template(a.path) || b.method !== a.method)
      note('operation-moved', 'major', location, routeOf(b), routeOf(a), `now at ${show(routeOf(a))}, no longer at ${show(routeOf(b))}`);
    const [groupBefore, groupAfter] = [groupOf(b.node), groupOf(a.node)];
    if (groupBefore !== undefined && groupAfter !== undefined && groupBefore !== groupAfter) {
      const say = `now a method of ${show(groupAfter)}, no longer of ${show(groupBefore)}: its first tag changed`;
      note('operation-regrouped', 'major', location, groupBefore, groupAfter, say);
    }
  }

  function parametersOf(schemas: Schemas, { item, itemPointer, node, pointer }: Operation): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    // Those of the operation come later and replace those of its path.
    for (const [holder, at] of [[item, itemPointer] as const, [node, pointer] as const]) {
      const list: unknown[] = Array.isArray(holder.parameters) ? holder.parameters : [];
      for (const [index, entry] of list.entries()) {
        const place = schemas.resolve(entry, `${at}/parameters/${index}`);
        const name = String(place.node.name);
        const where = String(place.node.in);
        found.set(`${where}:${where === 'header' ? name.toLowerCase() : name}`, { ...place, in: where, name });
      }
    }
    return found;
  }

  function compareParameters(b: Operation, a: Operation, context: Context): void {
    const restBefore = parametersOf(before, b);
    const restAfter = parametersOf(after, a);
    const pairs: [Parameter, Parameter][] = [];
    const take = (keyBefore: string, keyAfter: string): void => {
      const [pb, pa] = [restBefore.get(keyBefore), restAfter.get(keyAfter)];
      if (pb === undefined || pa === undefined) return;
      restBefore.delete(keyBefore);
      restAfter.delete(keyAfter);
      pairs.push([pb, pa]);
    };
    const namesIn = (path: string): string[] => [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
    // What stands at the same place of the same path is the same parameter, whatever its name.
    if (template(b.path) === template(a.path)) {
      const names = namesIn(a.path);
      for (const [index, name] of namesIn(b.path).entries()) take(`path:${name}`, `path:${names[index]}`);
    }
    for (const key of [...restBefore.keys()]) take(key, key);
    // The same name elsewhere: moved.
    for (const [keyBefore, pb] of [...restBefore]) {
      const moved = [...restAfter].find(([, pa]) => pa.name.toLowerCase() === pb.name.toLowerCase());
      if (moved !== undefined) take(keyBefore, moved[0]);
    }
    // One that went and one that came, alike in everything but the name: renamed.
    for (const [keyBefore, pb] of [...restBefore]) {
      const alike = ([, pa]: [string, Parameter]): boolean =>
        pa.in === pb.in && (pa.node.required === true) === (pb.node.required === true) && shapeOf(before, pb) === shapeOf(after, pa);
      const candidates = [...restAfter].filter(alike);
      const rivals = [...restBefore].filter(([, other]) => other.in === pb.in && shapeOf(before, other) === shapeOf(before, pb));
      const [candidate] = candidates;
      if (candidate !== undefined && candidates.length === 1 && rivals.length === 1) take(keyBefore, candidate[0]);
    }

    for (const pb of restBefore.values()) {
      const note = noteOf(comparison, { ...context, path: pb.name });
      note('parameter-removed', 'major', { before: pb.pointer, after: a.pointer }, titleOf(pb), undefined, `the ${titleOf(pb)} is gone`);
    }
    for (const pa of restAfter.values()) {
      const note = noteOf(comparison, { ...context, path: pa.name });
      const type = after.describe(schemasIn(pa));
      const required = pa.node.required === true;
      const say = required ? `the new ${titleOf(pa)} (${type}) is required` : `new optional ${titleOf(pa)} (${type})`;
      const location = { before: b.pointer, after: pa.pointer };
      note(required ? 'required-parameter-added' : 'parameter-added', required ? 'major' : 'minor', location, undefined, type, say);
    }
    pairs.sort(([, x], [, y]) => (titleOf(x) < titleOf(y) ? -1 : 1));
    for (const [pb, pa] of pairs) compareParameter(pb, pa, context);
  }

  function compareParameter(pb: Parameter, pa: Parameter, context: Context): void {
    const title = titleOf(pa);
    const note = noteOf(comparison, { ...context, path: pa.name });
    const location = { before: pb.pointer, after: pa.pointer };
    if (pb.in !== pa.in) note('parameter-moved', 'major', location, pb.in, pa.in, `the ${titleOf(pb)} is a ${title} now`);
    else if (pb.name.toLowerCase() !== pa.name.toLowerCase() || (pb.name !== pa.name && pa.in !== 'header'))
      note('parameter-renamed', 'major', location, pb.name, pa.name, `the ${titleOf(pb)} is called ${show(pa.name)} now`);
    const [requiredBefore, requiredAfter] = [pb.node.required === true, pa.node.required === true];
    if (requiredBefore !== requiredAfter) {
      const rule = requiredAfter ? 'parameter-became-required' : 'parameter-became-optional';
      const text = (required: boolean): string => (required ? 'required' : 'optional');
      note(
        rule,
        requiredAfter ? 'major' : 'minor',
        location,
        text(requiredBefore),
        text(requiredAfter),
        `the ${title} is ${text(requiredAfter)} now`,
      );
    }
    if ((pb.node.deprecated === true) !== (pa.node.deprecated === true)) {
      const deprecated = pa.node.deprecated === true;
      const say = `the ${title} is ${deprecated ? 'deprecated' : 'no longer deprecated'}`;
      note(deprecated ? 'deprecated' : 'undeprecated', deprecated ? 'minor' : 'patch', location, !deprecated, deprecated, say);
    }
    if (pb.node.allowEmptyValue === true && pa.node.allowEmptyValue !== true)
      note('empty-value-refused', 'major', location, true, false, `the ${title} can no longer be empty`);
    else if (pb.node.allowEmptyValue !== true && pa.node.allowEmptyValue === true)
      note('empty-value-allowed', 'minor', location, false, true, `the ${title} may be empty`);
    const inner: Context = { ...context, base: `the ${title}`, path: '' };
    const [styleBefore, styleAfter] = [styleOf(before, pb), styleOf(after, pa)];
    if (pb.in === pa.in && styleBefore !== undefined && styleAfter !== undefined && styleBefore !== styleAfter)
      note(
        'style-changed',
        'major',
        location,
        styleBefore,
        styleAfter,
        `the ${title} is written as ${show(styleAfter)}, no longer as ${show(styleBefore)}`,
      );
    if (isNode(pb.node.content) || isNode(pa.node.content)) compareContents(pb, pa, inner);
    else comparison.compare(schemasIn(pb), schemasIn(pa), inner);
  }

  function compareBodies(b: Place, a: Place, context: Context): void {
    const request = context.direction === 'request';
    const [has, had] = [Object.keys(a.node).length > 0, Object.keys(b.node).length > 0];
    const note = noteOf(comparison, context);
    const location = { before: b.pointer, after: a.pointer };
    if (!had && !has) return;
    if (!had) {
      const required = a.node.required === true;
      const say = required && request ? 'a request body is required now' : 'a request body may be sent';
      note(
        required && request ? 'required-body-added' : 'body-added',
        required && request ? 'major' : 'minor',
        location,
        undefined,
        describeContent(after, a),
        say,
      );
      return;
    }
    if (!has) {
      note('body-removed', 'major', location, describeContent(before, b), undefined, 'there is no request body any more');
      return;
    }
    if ((b.node.required === true) !== (a.node.required === true)) {
      const required = a.node.required === true;
      const say = required ? 'the request body is required now' : 'the request body may be left out';
      note(
        required ? 'body-became-required' : 'body-became-optional',
        required === request ? 'major' : 'minor',
        location,
        !required,
        required,
        say,
      );
    }
    compareContents(b, a, { ...context, base: 'the request body' });
  }

  /** Media types and what they hold, of a body, an answer, a parameter or a header. */
  function compareContents(b: Place, a: Place, context: Context): void {
    const [typesBefore, typesAfter] = [mediaTypes(b), mediaTypes(a)];
    const request = context.direction === 'request';
    const note = noteOf(comparison, { ...context, path: '' });
    const location = { before: b.pointer, after: a.pointer };
    const removed = [...typesBefore.keys()].filter((type) => !typesAfter.has(type));
    const added = [...typesAfter.keys()].filter((type) => !typesBefore.has(type));
    const [gone] = removed;
    const [come] = added;
    if (gone !== undefined && come !== undefined && removed.length === 1 && added.length === 1) {
      const covered = request ? come === '*/*' : gone === '*/*';
      const say = `${context.base} is ${show(come)}, no longer ${show(gone)}`;
      note('media-type-changed', covered ? 'minor' : 'major', location, gone, come, say);
      compareMedia(typesBefore.get(gone), typesAfter.get(come), context);
    } else {
      for (const type of removed)
        note(
          'media-type-removed',
          'major',
          location,
          type,
          undefined,
          `${context.base} is no longer ${request ? 'taken' : 'given'} as ${show(type)}`,
        );
      for (const type of added)
        note(
          'media-type-added',
          'minor',
          location,
          undefined,
          type,
          `${context.base} is also ${request ? 'taken' : 'given'} as ${show(type)}`,
        );
    }
    for (const type of namesOf(typesBefore, typesAfter)) compareMedia(typesBefore.get(type), typesAfter.get(type), context);
  }

  function compareMedia(b: Place | undefined, a: Place | undefined, context: Context): void {
    if (b === undefined || a === undefined) return;
    comparison.compare(schemaPlace(b.node.schema, b.pointer), schemaPlace(a.node.schema, a.pointer), context);
    const [encodingBefore, encodingAfter] = [b.node.encoding, a.node.encoding].map((it) => canonical(isNode(it) ? it : {}));
    if (encodingBefore === encodingAfter) return;
    const note = noteOf(comparison, context);
    const bump: Bump = context.direction === 'request' ? 'major' : 'minor';
    note(
      'encoding-changed',
      bump,
      { before: b.pointer, after: a.pointer },
      b.node.encoding,
      a.node.encoding,
      `the encoding of ${context.base} changed`,
    );
  }

  function compareAnswers(b: Operation, a: Operation, context: Context): void {
    const flipped: Context = { ...context, direction: flip(context.direction) };
    const answersBefore = answersOf(b.node);
    const answersAfter = answersOf(a.node);
    const note = noteOf(comparison, flipped);
    const location = { before: `${b.pointer}/responses`, after: `${a.pointer}/responses` };
    const removed = [...answersBefore.keys()].filter((status) => !answersAfter.has(status));
    const added = [...answersAfter.keys()].filter((status) => !answersBefore.has(status));
    const [gone, ...moreGone] = removed.filter(isSuccess);
    const [come, ...moreCome] = added.filter(isSuccess);
    const pairs = [...answersBefore.keys()]
      .filter((status) => answersAfter.has(status))
      .map((status): [string, string] => [status, status]);
    if (gone !== undefined && come !== undefined && moreGone.length === 0 && moreCome.length === 0) {
      note('status-changed', 'major', location, gone, come, `succeeds with ${show(come)}, no longer with ${show(gone)}`);
      pairs.push([gone, come]);
    }
    for (const status of removed) {
      if (pairs.some(([before]) => before === status)) continue;
      const success = isSuccess(status);
      // An error that does not come any more breaks nobody; a success that does not come breaks everybody.
      note('status-removed', success ? 'major' : 'minor', location, status, undefined, `no longer answers ${show(status)}`);
    }
    for (const status of added) {
      if (pairs.some(([, after]) => after === status)) continue;
      note('status-added', 'minor', location, undefined, status, `can also answer ${show(status)}`);
    }
    for (const [statusBefore, statusAfter] of pairs.sort()) {
      const rb = before.resolve(answersBefore.get(statusBefore), `${b.pointer}/responses/${statusBefore}`);
      const ra = after.resolve(answersAfter.get(statusAfter), `${a.pointer}/responses/${statusAfter}`);
      compareAnswer(rb, ra, statusAfter, flipped);
    }
  }

  function compareAnswer(b: Place, a: Place, status: string, context: Context): void {
    const base = `the answer ${status}`;
    const note = noteOf(comparison, context);
    const location = { before: b.pointer, after: a.pointer };
    const [had, has] = [mediaTypes(b).size > 0, mediaTypes(a).size > 0];
    if (had && !has) note('answer-body-removed', 'major', location, describeContent(before, b), undefined, `${base} has no body any more`);
    else if (!had && has)
      note(
        'answer-body-added',
        'minor',
        location,
        undefined,
        describeContent(after, a),
        `${base} has a body (${describeContent(after, a)})`,
      );
    else compareContents(b, a, { ...context, base });

    const headersBefore = headersOf(before, b);
    const headersAfter = headersOf(after, a);
    for (const key of namesOf(headersBefore, headersAfter)) {
      const [hb, ha] = [headersBefore.get(key), headersAfter.get(key)];
      const title = `header ${show((ha ?? hb)?.name)}`;
      if (ha === undefined) note('header-removed', 'major', location, hb?.name, undefined, `${base} no longer has the ${title}`);
      else if (hb === undefined) note('header-added', 'minor', location, undefined, ha.name, `${base} has the new ${title}`);
      else {
        const [requiredBefore, requiredAfter] = [hb.node.required === true, ha.node.required === true];
        if (requiredBefore && !requiredAfter)
          note('header-became-optional', 'major', location, 'required', 'optional', `the ${title} of ${base} can be missing`);
        else if (!requiredBefore && requiredAfter)
          note('header-became-required', 'minor', location, 'optional', 'required', `the ${title} of ${base} is always there`);
        const inner: Context = { ...context, base: `the ${title} of ${base}`, path: '' };
        if (isNode(hb.node.content) || isNode(ha.node.content)) compareContents(hb, ha, inner);
        else comparison.compare(schemaPlace(hb.node.schema, hb.pointer), schemaPlace(ha.node.schema, ha.pointer), inner);
      }
    }
  }

  function compareSecurity(b: Operation, a: Operation, note: Note): void {
    const location = { before: b.pointer, after: a.pointer };
    const [ways, waysAfter] = [waysIn(before.root, b, schemes), waysIn(after.root, a)];
    const [textBefore, textAfter] = [ways, waysAfter].map((it) => it.map(wayText).sort().join(' or '));
    if (textBefore === textAfter) return;
    // Who satisfied one of the ways before has to satisfy one after.
    const kept = ways.every((way) =>
      waysAfter.some((other) =>
        [...other].every(([scheme, scopes]) => scopes.every((scope) => way.get(scheme)?.includes(scope)) && way.has(scheme)),
      ),
    );
    const say = `security is ${textAfter}; it was ${textBefore}`;
    note('security-changed', kept ? 'minor' : 'major', location, textBefore, textAfter, say);
  }

  function compareTokens(b: Operation, a: Operation, note: Note): void {
    const location = { before: b.pointer, after: a.pointer };
    const [tb, ta] = [b, a].map(({ node }) => (Array.isArray(node['x-finapi-token']) ? node['x-finapi-token'].map(String).sort() : [])) as [
      string[],
      string[],
    ];
    const text = (kinds: readonly string[]): string => (kinds.length === 0 ? 'no token' : `the token of ${kinds.map(show).join(' or ')}`);
    if (!same(tb, ta)) {
      const kept = ta.length === 0 || (tb.length > 0 && tb.every((kind) => ta.includes(kind)));
      note('token-changed', kept ? 'minor' : 'major', location, text(tb), text(ta), `takes ${text(ta)}; it took ${text(tb)}`);
    }
    const [lifeBefore, lifeAfter] = [b.node['x-finapi-token-min-life'], a.node['x-finapi-token-min-life']];
    if (!same(lifeBefore ?? null, lifeAfter ?? null))
      note(
        'token-life-changed',
        'patch',
        location,
        lifeBefore,
        lifeAfter,
        `the life that is left to its token has to be ${show(lifeAfter)}; it was ${show(lifeBefore)}`,
      );
  }

  function comparePaging(b: Operation, a: Operation, note: Note): void {
    const [pb, pa] = [isPaged(before, b, parametersOf(before, b)), isPaged(after, a, parametersOf(after, a))];
    if (pb === pa) return;
    const say = pa ? 'answers in pages now and can be iterated' : 'no longer answers in pages, and cannot be iterated any more';
    note(pa ? 'paging-gained' : 'paging-lost', pa ? 'minor' : 'major', { before: b.pointer, after: a.pointer }, pb, pa, say);
  }

  /** In a callback the server asks and the consumer answers: directions turn round. */
  function compareCallbacks(b: Operation, a: Operation, context: Context): void {
    const [callsBefore, callsAfter] = [callbacksOf(before, b), callbacksOf(after, a)];
    const flipped: Context = { ...context, direction: 'answer' };
    const note = noteOf(comparison, flipped);
    for (const name of namesOf(callsBefore, callsAfter)) {
      const [cb, ca] = [callsBefore.get(name), callsAfter.get(name)];
      if (cb === undefined)
        note('callback-added', 'minor', { before: b.pointer, after: ca?.pointer ?? '' }, undefined, name, `new callback ${show(name)}`);
      else if (ca === undefined)
        note('callback-removed', 'major', { before: cb.pointer, after: a.pointer }, name, undefined, `the callback ${show(name)} is gone`);
      else {
        compareBodies(
          before.resolve(cb.node.requestBody, `${cb.pointer}/requestBody`),
          after.resolve(ca.node.requestBody, `${ca.pointer}/requestBody`),
          flipped,
        );
        compareAnswers(cb, ca, flipped);
      }
    }
  }
}

type Note = (rule: string, bump: Bump, location: { before?: string; after?: string }, before: unknown, after: unknown, say: string) => void;

const noteOf =
  (comparison: SchemaComparison, context: Context): Note =>
  (rule, bump, location, before, after, say) =>
    comparison.note(context, {
      rule,
      bump,
      ...(context.path === '' ? {} : { field: context.path }),
      location,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      say,
    });

const flip = (direction: Direction): Direction => (direction === 'request' ? 'answer' : 'request');

function groupOf(node: Node): string | undefined {
  const [tag] = Array.isArray(node.tags) ? node.tags : [];
  return typeof tag === 'string' ? camelCase(tag) : undefined;
}

const titleOf = ({ in: where, name }: Parameter): string => `${where} parameter ${show(name)}`;

const schemasIn = ({ node, pointer }: Place): Place[] => schemaPlace(node.schema, pointer);

const shapeOf = (schemas: Schemas, parameter: Parameter): string => {
  const { component, core } = schemas.peel(schemasIn(parameter));
  return component ?? canonical(core.map(({ node }) => node));
};

/** How a list or object is written; undefined for single values, which are written the same in every style. */
function styleOf(schemas: Schemas, parameter: Parameter): string | undefined {
  const { node } = parameter;
  if (isNode(node.content)) return undefined;
  const types = schemas.view(schemas.peel(schemasIn(parameter)).core).types;
  if (types === undefined || !(types.has('array') || types.has('object'))) return undefined;
  const style = String(node.style ?? (parameter.in === 'query' || parameter.in === 'cookie' ? 'form' : 'simple'));
  const explode = typeof node.explode === 'boolean' ? node.explode : style === 'form';
  // Between commas, a list in a path or header looks the same either way.
  const matters = style !== 'simple' || types.has('object');
  return matters ? `${style}${explode ? ', exploded' : ''}` : style;
}

/** Media types by name, without parameters such as the character set. */
function mediaTypes({ node, pointer }: Place): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const [name, media] of Object.entries(isNode(node.content) ? node.content : {})) {
    const key = name.split(';')[0]?.trim().toLowerCase() ?? name;
    if (!found.has(key)) found.set(key, { node: isNode(media) ? media : {}, pointer: `${pointer}/content${step(name)}` });
  }
  return found;
}

function describeContent(schemas: Schemas, place: Place): string {
  return [...mediaTypes(place)].map(([type, media]) => `${type}: ${schemas.describe(schemasIn(media))}`).join(', ') || 'nothing';
}

/** Answers by status: `2XX`, `default`, numbers. */
const answersOf = (node: Node): Map<string, unknown> =>
  new Map(
    Object.entries(isNode(node.responses) ? node.responses : {})
      .filter(([status]) => !status.startsWith('x-'))
      .map(([status, answer]) => [status === 'default' ? status : status.toUpperCase(), answer]),
  );

const isSuccess = (status: string): boolean => /^[23]/.test(status);

function headersOf(schemas: Schemas, { node, pointer }: Place): Map<string, Place & { readonly name: string }> {
  const headers = Object.entries(isNode(node.headers) ? node.headers : {});
  return new Map(
    headers.map(([name, header]) => [name.toLowerCase(), { ...schemas.resolve(header, `${pointer}/headers${step(name)}`), name }]),
  );
}

/** A way to be let in: scopes by scheme, all of which are asked for. */
type Way = ReadonlyMap<string, readonly string[]>;

function waysIn(root: Node, { node }: Operation, names?: ReadonlyMap<string, string>): Way[] {
  const listed = Array.isArray(node.security) ? node.security : Array.isArray(root.security) ? root.security : [];
  const ways = listed
    .filter(isNode)
    .map(
      (way): Way =>
        new Map(
          Object.entries(way).map(([scheme, scopes]) => [
            names?.get(scheme) ?? scheme,
            Array.isArray(scopes) ? scopes.map(String).sort() : [],
          ]),
        ),
    );
  return ways.length === 0 ? [new Map()] : ways;
}

const wayText = (way: Way): string =>
  way.size === 0
    ? 'open'
    : [...way]
        .map(([scheme, scopes]) => `${show(scheme)}${scopes.length === 0 ? '' : ` (${scopes.join(', ')})`}`)
        .sort()
        .join(' and ');

/** New names of security schemes that are the same under another name. */
export function sameSchemes(before: Node, after: Node): Map<string, string> {
  const [b, a] = [securitySchemes(before), securitySchemes(after)];
  const renamed = new Map<string, string>();
  for (const [name, scheme] of b) {
    if (a.has(name)) continue;
    const twin = [...a].find(([other, it]) => !b.has(other) && canonical(it) === canonical(scheme));
    if (twin !== undefined) renamed.set(name, twin[0]);
  }
  return renamed;
}

export function securitySchemes(root: Node): Map<string, Node> {
  const components = isNode(root.components) ? root.components : {};
  const schemes = isNode(components.securitySchemes) ? components.securitySchemes : {};
  return new Map(Object.entries(schemes).filter((entry): entry is [string, Node] => isNode(entry[1])));
}

/** Whether a document says anywhere which token an operation takes. */
export const hasTokens = (schemas: Schemas): boolean => operationsOf(schemas).some(({ node }) => node['x-finapi-token'] !== undefined);

/** A page holds `paging` and one list, and is asked for by `page`. */
function isPaged(schemas: Schemas, operation: Operation, parameters: ReadonlyMap<string, Parameter>): boolean {
  if (operation.method !== 'get' || !parameters.has('query:page')) return false;
  const success = [...answersOf(operation.node)].find(([status]) => /^2/.test(status));
  if (success === undefined) return false;
  const answer = schemas.resolve(success[1], `${operation.pointer}/responses/${success[0]}`);
  const [media] = mediaTypes(answer).values();
  if (media === undefined) return false;
  const { fields } = schemas.view(schemas.peel(schemasIn(media)).core);
  const lists = [...fields.values()].filter(({ places }) => schemas.view(schemas.peel(places).core).types?.has('array'));
  return (fields.get('paging')?.places.length ?? 0) > 0 && lists.length === 1;
}

function callbacksOf(schemas: Schemas, { node, pointer }: Operation): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [name, entry] of Object.entries(isNode(node.callbacks) ? node.callbacks : {})) {
    const callback = schemas.resolve(entry, `${pointer}/callbacks${step(name)}`);
    for (const [path, item] of Object.entries(callback.node)) {
      if (!isNode(item)) continue;
      for (const method of methods) {
        const inner = item[method];
        if (!isNode(inner)) continue;
        const at = `${callback.pointer}${step(path)}`;
        found.set(name, { name, id: undefined, method, path, node: inner, pointer: `${at}/${method}`, item, itemPointer: at });
      }
    }
  }
  return found;
}
