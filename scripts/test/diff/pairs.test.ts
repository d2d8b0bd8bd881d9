import { describe, expect, it } from 'vitest';
import type { Bump } from '../../src/diff/change.ts';
import { diff } from '../../src/diff/diff.ts';
import { verdictOf } from '../../src/diff/report.ts';
import type { Node } from '../../src/document/grammar.ts';
import { answering, api, asking, json, object, ok, operation, query, ref, swapping, taking, text } from './support.ts';

/** What is expected: bump, rule, and a part of the sentence. */
type Expected = readonly [Bump, string, string];
/** What changes, the document before and after, and all that is to be said of it. */
type Pair = readonly [string, Node, Node, ...Expected[]];

const number: Node = { type: 'integer' };
const words = (...values: unknown[]): Node => ({ type: 'string', enum: values });
const ship = object({ name: text }, 'name');
const get = (operationId: string, more: Node = {}): Node => ({ get: { operationId, responses: ok(text), ...more } });

const requests: Pair[] = [
  [
    'a new required field of a request',
    taking(ship),
    taking(object({ name: text, flag: text }, 'name', 'flag')),
    ['major', 'required-field-added', '`dock`: the new field `flag` of the request body (string) has to be sent.'],
  ],
  [
    'a new optional field of a request',
    taking(ship),
    taking(object({ name: text, flag: text }, 'name')),
    ['minor', 'field-added', '`dock`: the new field `flag` of the request body (string) may be sent.'],
  ],
  [
    'a field that a request loses',
    taking(object({ name: text, flag: text })),
    taking(object({ name: text })),
    ['major', 'field-removed', '`flag` of the request body (string) can no longer be sent'],
  ],
  [
    'a field of a request that becomes required',
    taking(object({ name: text })),
    taking(ship),
    ['major', 'field-became-required', '`name` of the request body has to be sent; it was optional'],
  ],
  [
    'a field of a request that becomes optional',
    taking(ship),
    taking(object({ name: text })),
    ['minor', 'field-became-optional', '`name` of the request body may be left out'],
  ],
  [
    'a field deep in a request that becomes required',
    taking(object({ crew: { type: 'array', items: object({ rank: text }) } })),
    taking(object({ crew: { type: 'array', items: object({ rank: text }, 'rank') } })),
    ['major', 'field-became-required', '`crew[].rank` of the request body has to be sent'],
  ],
  [
    'a value that a request no longer takes',
    taking(object({ kind: words('TUG', 'FERRY') })),
    taking(object({ kind: words('TUG') })),
    ['major', 'enum-values-removed', '`kind` of the request body no longer takes `FERRY`'],
  ],
  [
    'a new value of a request',
    taking(object({ kind: words('TUG') })),
    taking(object({ kind: words('FERRY', 'TUG') })),
    ['minor', 'enum-values-added', '`kind` of the request body also takes `FERRY`'],
  ],
  [
    'an enumeration where a request took any text',
    taking(object({ kind: text })),
    taking(object({ kind: words('TUG') })),
    ['major', 'enum-introduced', 'takes `TUG` alone'],
  ],
  [
    'any text where a request took an enumeration',
    taking(object({ kind: words('TUG') })),
    taking(object({ kind: text })),
    ['minor', 'enum-dropped', 'takes any value'],
  ],
  [
    'null that a request no longer takes',
    taking(object({ flag: { ...text, nullable: true } })),
    taking(object({ flag: text })),
    ['major', 'nullability-changed', '`flag` of the request body can no longer be sent as null'],
  ],
  [
    'null that a request takes now',
    taking(object({ flag: text })),
    taking(object({ flag: { ...text, nullable: true } })),
    ['minor', 'nullability-changed', 'may be sent as null'],
  ],
  [
    'another type of a request',
    taking(object({ age: text })),
    taking(object({ age: number })),
    ['major', 'type-changed', '`age` of the request body is `integer`, no longer `string`'],
  ],
  [
    'a wider type of a request',
    taking(object({ draught: number })),
    taking(object({ draught: { type: 'number' } })),
    ['minor', 'type-changed', 'is `number`, no longer `integer`'],
  ],
  [
    'a format that a request must have',
    taking(object({ built: text })),
    taking(object({ built: { ...text, format: 'date' } })),
    ['major', 'format-changed', 'the format of `built` of the request body is `date`'],
  ],
  [
    'a wider format of a request',
    taking(object({ id: { ...number, format: 'int32' } })),
    taking(object({ id: { ...number, format: 'int64' } })),
    ['minor', 'format-changed', 'is `int64`; it was `int32`'],
  ],
  [
    'a lower maximum of a request',
    taking(object({ crew: { ...number, maximum: 9 } })),
    taking(object({ crew: { ...number, maximum: 8 } })),
    ['major', 'limit-tightened', 'maximum of `crew` of the request body is `8`; it was `9`'],
  ],
  [
    'a maximum of a request that it excludes now',
    taking(object({ crew: { ...number, maximum: 9 } })),
    taking(object({ crew: { ...number, maximum: 9, exclusiveMaximum: true } })),
    ['major', 'limit-tightened', 'is `9 (exclusive)`'],
  ],
  [
    'a longer text in a request',
    taking(object({ name: { ...text, maxLength: 10 } })),
    taking(object({ name: { ...text, maxLength: 20 } })),
    ['minor', 'limit-loosened', 'maxLength of `name` of the request body is `20`; it was `10`'],
  ],
  [
    'a list of a request that must not be empty',
    taking(object({ crew: { type: 'array', items: text } })),
    taking(object({ crew: { type: 'array', items: text, minItems: 1 } })),
    ['major', 'limit-tightened', 'minItems of `crew` of the request body is `1`; there was none'],
  ],
  [
    'another pattern of a request',
    taking(object({ name: { ...text, pattern: 'a+' } })),
    taking(object({ name: { ...text, pattern: 'b+' } })),
    ['major', 'limit-tightened', 'pattern of `name` of the request body is `b+`; it was `a+`'],
  ],
  [
    'a pattern of a request that goes',
    taking(object({ name: { ...text, pattern: 'a+' } })),
    taking(object({ name: text })),
    ['minor', 'limit-loosened', 'pattern of `name` of the request body is gone'],
  ],
  [
    'another default of a request',
    taking(object({ crew: { ...number, default: 2 } })),
    taking(object({ crew: { ...number, default: 3 } })),
    ['major', 'default-changed', 'the default of `crew` of the request body is `3`, no longer `2`'],
  ],
  [
    'a new default of a request',
    taking(object({ crew: number })),
    taking(object({ crew: { ...number, default: 3 } })),
    ['minor', 'default-changed', '`crew` of the request body has the default `3`'],
  ],
  [
    'a request that takes no unnamed fields any more',
    taking(ship),
    taking({ ...ship, additionalProperties: false }),
    ['major', 'further-fields-changed', 'further fields of the request body: none'],
  ],
  [
    'a field that becomes read only and is not sent any more',
    taking(object({ id: text, name: text })),
    taking(object({ id: { ...text, readOnly: true }, name: text })),
    ['major', 'field-removed', 'can no longer be sent'],
  ],
  [
    'a new required field that is read only, and so not sent',
    swapping(ship),
    swapping(object({ name: text, id: { ...text, readOnly: true } }, 'name', 'id')),
    ['minor', 'field-added', 'answers have the new field `id`'],
  ],
  [
    'an alternative that a request no longer takes',
    taking({ oneOf: [text, number] }),
    taking({ oneOf: [text] }),
    ['major', 'alternative-removed', '`dock`: the request body is no longer `integer` in requests.'],
  ],
  [
    'a keyword nobody here knows, in a request',
    taking(object({ name: text })),
    taking(object({ name: { ...text, not: { enum: ['Titanic'] } } })),
    ['major', 'keyword-changed', '`not` of `name` of the request body'],
  ],
  [
    'a body that becomes required',
    api({ '/docks': { post: { operationId: 'dock', requestBody: json(ship), responses: ok(text) } } }),
    taking(ship),
    ['major', 'body-became-required', '`dock`: the request body is required now'],
  ],
  [
    'a new required body',
    api({ '/docks': { post: { operationId: 'dock', responses: ok(text) } } }),
    taking(ship),
    ['major', 'required-body-added', 'a request body is required now'],
  ],
  [
    'a new optional body',
    api({ '/docks': { post: { operationId: 'dock', responses: ok(text) } } }),
    api({ '/docks': { post: { operationId: 'dock', requestBody: json(ship), responses: ok(text) } } }),
    ['minor', 'body-added', 'a request body may be sent'],
  ],
  [
    'a body that goes',
    taking(ship),
    api({ '/docks': { post: { operationId: 'dock', responses: ok(text) } } }),
    ['major', 'body-removed', 'no request body any more'],
  ],
  [
    'a body of another media type',
    operation({ requestBody: { content: { 'application/json': { schema: ship } } } }),
    operation({ requestBody: { content: { 'application/x-www-form-urlencoded': { schema: ship } } } }),
    ['major', 'media-type-changed', 'the request body is `application/x-www-form-urlencoded`, no longer `application/json`'],
  ],
  [
    'a further media type of a body',
    operation({ requestBody: { content: { 'application/json': { schema: ship } } } }),
    operation({ requestBody: { content: { 'application/json': { schema: ship }, 'text/csv': { schema: text } } } }),
    ['minor', 'media-type-added', 'also taken as `text/csv`'],
  ],
];

const answers: Pair[] = [
  [
    'a new field of an answer, required or not',
    answering(ship),
    answering(object({ name: text, flag: text, port: text }, 'name', 'flag')),
    ['minor', 'field-added', '`getShip`: answers have the new field `flag` of the answer 200 (string).'],
    ['minor', 'field-added', '`port`'],
  ],
  [
    'a field that an answer loses',
    answering(object({ name: text, flag: text }, 'flag')),
    answering(object({ name: text })),
    ['major', 'field-removed', 'answers no longer have the field `flag` of the answer 200 (string)'],
  ],
  [
    'a field that an answer loses and still calls required',
    answering(ship),
    answering(object({}, 'name')),
    ['major', 'field-removed', 'answers no longer have the field `name`'],
  ],
  [
    'a field of an answer that can be missing',
    answering(ship),
    answering(object({ name: text })),
    ['major', 'field-became-optional', '`name` of the answer 200 can be missing in answers; it was always there'],
  ],
  [
    'a field of an answer that is always there now',
    answering(object({ name: text })),
    answering(ship),
    ['minor', 'field-became-required', 'is always there in answers'],
  ],
  [
    'a new value of an answer',
    answering(object({ kind: words('TUG') })),
    answering(object({ kind: words('TUG', 'FERRY') })),
    ['minor', 'enum-values-added', 'can also be `FERRY`; enumerations of answers are open'],
  ],
  [
    'a value that an answer never has any more',
    answering(object({ kind: words('TUG', 'FERRY') })),
    answering(object({ kind: words('TUG') })),
    ['minor', 'enum-values-removed', 'is never `FERRY` any more'],
  ],
  [
    'a field of an answer that can be null',
    answering(object({ flag: text })),
    answering(object({ flag: { ...text, nullable: true } })),
    ['major', 'nullability-changed', '`flag` of the answer 200 can be null in answers'],
  ],
  [
    'a field of an answer that is never null any more',
    answering(object({ flag: { ...text, nullable: true } })),
    answering(object({ flag: text })),
    ['minor', 'nullability-changed', 'is never null in answers any more'],
  ],
  [
    'another type of an answer',
    answering(object({ age: number })),
    answering(object({ age: { type: 'array', items: number } })),
    ['major', 'type-changed', '`age` of the answer 200 is `array`, no longer `integer`'],
  ],
  [
    'a wider type of an answer',
    answering(object({ draught: number })),
    answering(object({ draught: { type: 'number' } })),
    ['major', 'type-changed', 'is `number`, no longer `integer`'],
  ],
  [
    'other items of a list in an answer',
    answering({ type: 'array', items: text }),
    answering({ type: 'array', items: number }),
    ['major', 'type-changed', '`[]` of the answer 200 is `integer`'],
  ],
  [
    'another format of an answer',
    answering(object({ built: { ...text, format: 'date' } })),
    answering(object({ built: { ...text, format: 'date-time' } })),
    ['major', 'format-changed', 'is `date-time`; it was `date`'],
  ],
  [
    'a format that an answer gets',
    answering(object({ built: text })),
    answering(object({ built: { ...text, format: 'date' } })),
    ['minor', 'format-changed', 'is `date`'],
  ],
  [
    'other limits of an answer',
    answering(object({ name: { ...text, maxLength: 10 } })),
    answering(object({ name: { ...text, maxLength: 5, pattern: 'a' } })),
    ['patch', 'limit-changed', 'maxLength of `name` of the answer 200 in answers is `5`; it was `10`'],
    ['patch', 'limit-changed', 'pattern'],
  ],
  [
    'another default of an answer',
    answering(object({ crew: { ...number, default: 1 } })),
    answering(object({ crew: { ...number, default: 2 } })),
    ['patch', 'default-changed', 'is `2`, no longer `1`'],
  ],
  [
    'a new alternative of an answer',
    answering({ oneOf: [ref('Tug'), ref('Ferry')] }, { Tug: ship, Ferry: object({ seats: number }), Barge: object({ load: number }) }),
    answering(
      { oneOf: [ref('Tug'), ref('Ferry'), ref('Barge')] },
      { Tug: ship, Ferry: object({ seats: number }), Barge: object({ load: number }) },
    ),
    ['major', 'alternative-added', 'can also be `Barge` in answers'],
  ],
  [
    'a map of other values in an answer',
    answering({ type: 'object', additionalProperties: text }),
    answering({ type: 'object', additionalProperties: number }),
    ['major', 'type-changed', '`{}` of the answer 200 is `integer`'],
  ],
  [
    'another status of success',
    operation({ responses: { '200': { description: 'OK', ...json(ship) } } }),
    operation({ responses: { '201': { description: 'Made', ...json(ship) } } }),
    ['major', 'status-changed', 'succeeds with `201`, no longer with `200`'],
  ],
  [
    'another status of success, and a field that goes with it',
    operation({ responses: { '200': { description: 'OK', ...json(ship) } } }),
    operation({ responses: { '201': { description: 'Made', ...json(object({})) } } }),
    ['major', 'field-removed', '`name` of the answer 201'],
    ['major', 'status-changed', 'succeeds with `201`'],
  ],
  [
    'a new error',
    operation({}),
    operation({ responses: { ...ok(text), '423': { description: 'Busy' } } }),
    ['minor', 'status-added', 'can also answer `423`'],
  ],
  [
    'an error that does not come any more',
    operation({ responses: { ...ok(text), '423': { description: 'Busy' } } }),
    operation({}),
    ['minor', 'status-removed', 'no longer answers `423`'],
  ],
  [
    'an answer without a body',
    operation({}),
    operation({ responses: { '200': { description: 'OK' } } }),
    ['major', 'answer-body-removed', 'the answer 200 has no body any more'],
  ],
  [
    'an answer with a body at last',
    operation({ responses: { '200': { description: 'OK' } } }),
    operation({}),
    ['minor', 'answer-body-added', 'the answer 200 has a body'],
  ],
  [
    'a header that an answer loses',
    operation({ responses: { '200': { description: 'OK', headers: { 'X-Berth': { schema: text } }, ...json(text) } } }),
    operation({}),
    ['major', 'header-removed', 'the answer 200 no longer has the header `X-Berth`'],
  ],
  [
    'a new header of an answer',
    operation({}),
    operation({ responses: { '200': { description: 'OK', headers: { 'X-Berth': { schema: text } }, ...json(text) } } }),
    ['minor', 'header-added', 'has the new header `X-Berth`'],
  ],
];

const named: Pair[] = [
  [
    'a field of a type that many operations answer, once',
    api(
      { '/a': get('getA', { responses: ok(ref('Ship')) }), '/b': get('getB', { responses: ok({ type: 'array', items: ref('Ship') }) }) },
      { Ship: ship },
    ),
    api(
      { '/a': get('getA', { responses: ok(ref('Ship')) }), '/b': get('getB', { responses: ok({ type: 'array', items: ref('Ship') }) }) },
      { Ship: object({}) },
    ),
    ['major', 'field-removed', '`Ship`: answers no longer have the field `name` (string) (returned by `getA`, `getB`).'],
  ],
  [
    'a type that is sent and returned, rated by the way that breaks',
    swapping(ref('Ship'), { Ship: ship }),
    swapping(ref('Ship'), { Ship: object({ name: text, flag: text }, 'name', 'flag') }),
    ['minor', 'field-added', '`Ship`: answers have the new field `flag`'],
    ['major', 'required-field-added', '`Ship`: the new field `flag` (string) has to be sent'],
  ],
  [
    'a type that contains itself',
    answering(ref('Crew'), { Crew: object({ boss: ref('Crew'), name: text }, 'name') }),
    answering(ref('Crew'), { Crew: object({ boss: ref('Crew'), name: text }) }),
    ['major', 'field-became-optional', '`Crew`: `name` can be missing in answers'],
  ],
  [
    'a type under another name',
    answering(ref('Ship'), { Ship: ship }),
    answering(ref('Vessel'), { Vessel: ship }),
    ['major', 'schema-renamed', 'The type `Ship` is called `Vessel` now; import it by its new name.'],
  ],
  [
    'a type that nobody uses under another name',
    api({}, { Ship: ship }),
    api({}, { Vessel: ship }),
    ['major', 'schema-renamed', 'The type `Ship` is called `Vessel` now'],
  ],
  [
    'a type that goes',
    api({}, { Ship: ship }),
    api({}),
    ['major', 'schema-removed', 'The type `Ship` is gone and can no longer be imported.'],
  ],
  ['a type that comes', api({}), api({}, { Ship: ship }), ['minor', 'schema-added', 'New type `Ship`.']],
  [
    'a type that nobody uses and that loses a field',
    api({}, { Ship: object({ name: text, flag: text }) }),
    api({}, { Ship: object({ name: text }) }),
    ['major', 'field-removed', '(no operation uses it)'],
  ],
  ['a reference in place of the same content', answering(ship, { Ship: ship }), answering(ref('Ship'), { Ship: ship })],
  ['the same content in place of a reference', answering(ref('Ship'), { Ship: ship }), answering(ship, { Ship: ship })],
  [
    'a reference in an allOf of its own',
    swapping(object({ ship: ref('Ship') }), { Ship: ship }),
    swapping(object({ ship: { allOf: [ref('Ship')], description: 'Which' } }), { Ship: ship }),
  ],
  [
    'a field of a type that is referred to with its type beside, once',
    answering(object({ ship: ref('Ship') }), { Ship: ship }),
    answering(object({ ship: { allOf: [ref('Ship')], type: 'object' } }), { Ship: object({}) }),
    ['major', 'field-removed', '`Ship`: answers no longer have the field `name`'],
  ],
  [
    'parts of an allOf in place of the whole',
    swapping({ allOf: [object({ name: text }, 'name'), object({ flag: text })] }),
    swapping(object({ flag: text, name: text }, 'name')),
  ],
  [
    'a field of a part that other types are made of, once',
    answering(ref('Tug'), { Ship: object({ name: text, flag: text }), Tug: { allOf: [ref('Ship'), object({ power: number })] } }),
    answering(ref('Tug'), { Ship: object({ name: text }), Tug: { allOf: [ref('Ship'), object({ power: number })] } }),
    ['major', 'field-removed', '`Ship`: answers no longer have the field `flag`'],
  ],
  [
    'an enumeration that many fields refer to, once',
    answering(object({ a: ref('Kind'), b: { allOf: [ref('Kind')], nullable: true } }), { Kind: words('TUG') }),
    answering(object({ a: ref('Kind'), b: { allOf: [ref('Kind')], nullable: true } }), { Kind: words('TUG', 'FERRY') }),
    ['minor', 'enum-values-added', '`Kind`: the value can also be `FERRY`'],
  ],
  [
    'a type that can be null wherever it is used, once',
    answering(object({ a: ref('Ship'), b: ref('Ship') }), { Ship: ship }),
    answering(object({ a: ref('Ship'), b: ref('Ship') }), { Ship: { ...ship, nullable: true } }),
    ['major', 'nullability-changed', '`Ship`: the value can be null in answers'],
  ],
  [
    'another type in the same field, alike but for one field',
    answering(object({ ship: ref('Ship') }), { Ship: ship, Boat: object({ oars: number, name: text }, 'name') }),
    answering(object({ ship: ref('Boat') }), { Ship: ship, Boat: object({ oars: number, name: text }, 'name') }),
    ['minor', 'field-added', '`ship.oars` of the answer 200'],
  ],
  [
    'one type where there was a choice of it and another',
    taking({ oneOf: [ref('Tug'), ref('Ferry')] }, { Tug: ship, Ferry: object({ seats: number }) }),
    taking(ref('Tug'), { Tug: ship, Ferry: object({ seats: number }) }),
    ['major', 'alternative-removed', 'is no longer `Ferry` in requests'],
  ],
  [
    'a deprecated field',
    swapping(ref('Ship'), { Ship: ship }),
    swapping(ref('Ship'), { Ship: object({ name: { ...text, deprecated: true } }, 'name') }),
    ['minor', 'deprecated', '`Ship`: `name` is deprecated (sent and returned by `swapShip`).'],
  ],
];

const operations: Pair[] = [
  [
    'an operation that goes',
    api({ '/a': get('getA'), '/b': get('getB') }),
    api({ '/a': get('getA') }),
    ['major', 'operation-removed', '`getB`: the operation is gone; it was `GET /b`.'],
  ],
  [
    'an operation that comes',
    api({ '/a': get('getA') }),
    api({ '/a': get('getA'), '/b': get('getB') }),
    ['minor', 'operation-added', '`getB`: new operation, `GET /b`.'],
  ],
  [
    'an operation under another name',
    api({ '/a': get('getA') }),
    api({ '/a': get('fetchA') }),
    ['major', 'operation-renamed', '`fetchA`: renamed; it was `getA` (GET /a).'],
  ],
  [
    'an operation under another name, in other ways the same but for a new parameter',
    api({ '/a': get('getA') }),
    api({ '/a': get('fetchA', { parameters: [query('page', number)] }) }),
    ['minor', 'parameter-added', 'new optional query parameter `page` (integer)'],
    ['major', 'operation-renamed', 'renamed; it was `getA`'],
  ],
  [
    'an operation at another path',
    api({ '/a': get('getA') }),
    api({ '/v2/a': get('getA') }),
    ['major', 'operation-moved', '`getA`: now at `GET /v2/a`, no longer at `GET /a`.'],
  ],
  [
    'an operation by another method',
    api({ '/a': { put: { operationId: 'setA', responses: ok(text) } } }),
    api({ '/a': { patch: { operationId: 'setA', responses: ok(text) } } }),
    ['major', 'operation-moved', '`setA`: now at `PATCH /a`'],
  ],
  [
    'an operation of another group',
    operation({ tags: ['Ships'] }),
    operation({ tags: ['Harbour Boats', 'Ships'] }),
    ['major', 'operation-regrouped', 'now a method of `harbourBoats`, no longer of `ships`'],
  ],
  ['a deprecated operation', operation({}), operation({ deprecated: true }), ['minor', 'operation-deprecated', '`getShip`: deprecated.']],
  ['a name for an operation that had none', api({ '/a': { get: { responses: ok(text) } } }), api({ '/a': get('getA') })],
  [
    'a parameter that goes',
    asking(query('page')),
    asking(),
    ['major', 'parameter-removed', '`getShip`: the query parameter `page` is gone.'],
  ],
  [
    'a new optional parameter',
    asking(),
    asking(query('page', number)),
    ['minor', 'parameter-added', 'new optional query parameter `page` (integer)'],
  ],
  [
    'a new required parameter',
    asking(),
    asking(query('page', number, { required: true })),
    ['major', 'required-parameter-added', 'the new query parameter `page` (integer) is required'],
  ],
  [
    'a parameter under another name',
    asking(query('page', number)),
    asking(query('pageNumber', number)),
    ['major', 'parameter-renamed', 'the query parameter `page` is called `pageNumber` now'],
  ],
  [
    'a parameter of a path under another name',
    api({ '/a/{id}': get('getA', { parameters: [{ name: 'id', in: 'path', required: true, schema: text }] }) }),
    api({ '/a/{key}': get('getA', { parameters: [{ name: 'key', in: 'path', required: true, schema: text }] }) }),
    ['major', 'parameter-renamed', 'the path parameter `id` is called `key` now'],
  ],
  [
    'a parameter elsewhere',
    asking(query('lang')),
    asking({ name: 'lang', in: 'header', schema: text }),
    ['major', 'parameter-moved', 'the query parameter `lang` is a header parameter `lang` now'],
  ],
  [
    'a parameter that becomes required',
    asking(query('page')),
    asking(query('page', text, { required: true })),
    ['major', 'parameter-became-required', 'the query parameter `page` is required now'],
  ],
  [
    'a parameter that becomes optional',
    asking(query('page', text, { required: true })),
    asking(query('page')),
    ['minor', 'parameter-became-optional', 'is optional now'],
  ],
  [
    'a deprecated parameter',
    asking(query('page')),
    asking(query('page', text, { deprecated: true })),
    ['minor', 'deprecated', 'is deprecated'],
  ],
  [
    'a value that a parameter no longer takes',
    asking(query('kind', words('TUG', 'FERRY'))),
    asking(query('kind', words('TUG'))),
    ['major', 'enum-values-removed', 'the query parameter `kind` no longer takes `FERRY`'],
  ],
  [
    'a list in a parameter that is written in another way',
    asking(query('ids', { type: 'array', items: number })),
    asking(query('ids', { type: 'array', items: number }, { explode: false })),
    ['major', 'style-changed', 'is written as `form`, no longer as `form, exploded`'],
  ],
  ['a style that changes nothing', asking(query('id')), asking(query('id', text, { style: 'form', explode: false }))],
  [
    'a parameter of the path in place of the same one of each operation',
    asking(query('page')),
    api({ '/ships': { parameters: [query('page')], get: { operationId: 'getShip', responses: ok(text) } } }),
  ],
  [
    'the same parameter in many operations, once',
    api({ '/a': get('getA'), '/b': get('getB') }),
    api({ '/a': get('getA', { parameters: [query('trace')] }), '/b': get('getB', { parameters: [query('trace')] }) }),
    ['minor', 'parameter-added', '`getA`, `getB`: new optional query parameter `trace` (string).'],
  ],
  [
    'pages that are lost',
    operation({ parameters: [query('page')], responses: ok(object({ paging: object({}), ships: { type: 'array', items: text } })) }),
    operation({ parameters: [query('page')], responses: ok(object({ ships: { type: 'array', items: text } })) }),
    ['major', 'field-removed', '`paging`'],
    ['major', 'paging-lost', 'cannot be iterated any more'],
  ],
  [
    'pages that are gained',
    operation({ responses: ok(object({ paging: object({}), ships: { type: 'array', items: text } })) }),
    operation({ parameters: [query('page')], responses: ok(object({ paging: object({}), ships: { type: 'array', items: text } })) }),
    ['minor', 'paging-gained', 'can be iterated'],
    ['minor', 'parameter-added', '`page`'],
  ],
  [
    'a callback that sends more, which is an answer to us',
    operation({ callbacks: { left: { '{$request.body#/url}': { post: { requestBody: json(object({})), responses: {} } } } } }),
    operation({ callbacks: { left: { '{$request.body#/url}': { post: { requestBody: json(ship), responses: {} } } } } }),
    ['minor', 'field-added', 'answers have the new field `name`'],
  ],
];

const key = { key: { type: 'apiKey', in: 'header', name: 'X-Key' } };
const guarded = (security: unknown, securitySchemes: Node = key): Node => operation({ security }, {}, { components: { securitySchemes } });
const document: Pair[] = [
  [
    'security where there was none',
    guarded([]),
    guarded([{ key: [] }]),
    ['major', 'security-changed', '`getShip`: security is `key`; it was open.'],
  ],
  [
    'no security where there was some',
    guarded([{ key: [] }]),
    guarded([]),
    ['minor', 'security-changed', 'security is open; it was `key`'],
  ],
  [
    'another way in besides the one before',
    guarded([{ key: [] }]),
    guarded([{ key: [] }, { badge: [] }]),
    ['minor', 'security-changed', 'security is `badge` or `key`'],
  ],
  ['a further scope', guarded([{ key: ['a'] }]), guarded([{ key: ['a', 'b'] }]), ['major', 'security-changed', '`key` (a, b)']],
  [
    'a security scheme of another kind',
    guarded([{ key: [] }]),
    guarded([{ key: [] }], { key: { type: 'http', scheme: 'bearer' } }),
    ['major', 'security-scheme-changed', 'the security scheme `key` is `http bearer`'.replace('the', 'The')],
  ],
  [
    'a security scheme under another name',
    guarded([{ key: [] }]),
    guarded([{ lock: [] }], { lock: key.key }),
    ['patch', 'security-scheme-renamed', 'The security scheme `key` is called `lock` now.'],
  ],
  [
    'an operation that takes the token of somebody else',
    operation({ 'x-finapi-token': ['user'] }),
    operation({ 'x-finapi-token': ['client'] }),
    ['major', 'token-changed', '`getShip`: takes the token of `client`; it took the token of `user`.'],
  ],
  [
    'an operation that takes further tokens',
    operation({ 'x-finapi-token': ['user'] }),
    operation({ 'x-finapi-token': ['client', 'user'] }),
    ['minor', 'token-changed', 'takes the token of `client` or `user`'],
  ],
  ['a document that says nothing of tokens', operation({ 'x-finapi-token': ['user'] }), operation({})],
  [
    'another title and version',
    operation({}),
    operation({}, {}, { info: { title: 'Port', version: '1.0.1' } }),
    ['patch', 'title-changed', "The API's title is `Port`; it was `Harbour`."],
    ['patch', 'version-changed', "The API's version is `1.0.1`; it was `1.0.0`."],
  ],
  [
    'servers that come, go and move',
    operation({}, {}, { servers: [{ url: 'https://a.test' }, { url: 'https://b.test', description: 'Live' }] }),
    operation({}, {}, { servers: [{ url: 'https://c.test/', description: 'Live' }, { url: 'https://d.test' }] }),
    ['minor', 'server-added', 'New server `https://d.test`.'],
    ['minor', 'server-changed', 'is at `https://c.test`, no longer at `https://b.test`'],
    ['major', 'server-removed', 'The server `https://a.test` is gone.'],
  ],
  ['words of a published document', operation({ summary: 'One' }), operation({ summary: 'Two', description: 'More' })],
  [
    'words of a composed document',
    operation({ 'x-finapi-token': ['user'], summary: 'One' }),
    operation({ 'x-finapi-token': ['user'], summary: 'Two' }),
    ['patch', 'words-changed', 'Documentation improved in 1 place.'],
  ],
  ['extensions and examples', operation({}), operation({ 'x-rank': 1, responses: ok({ ...text, example: 'Ahoy', title: 'Call' }) })],
];

describe.each([
  ['requests', requests],
  ['answers', answers],
  ['named types', named],
  ['operations', operations],
  ['the document', document],
] as const)('%s: a change is', (_, pairs) => {
  const rows = pairs.map(([name, before, after, ...expected]) => ({ name, before, after, expected }));

  it.each(rows)('rated and said once: $name', ({ before, after, expected }) => {
    const changes = diff(before, after);
    const sorted = (list: readonly (readonly string[])[]): string[] => list.map((it) => it.slice(0, 2).join(' ')).sort();
    expect(sorted(changes.map(({ bump, rule }) => [bump, rule]))).toEqual(sorted(expected));
    const texts = changes.map(({ text: sentence }) => sentence).join('\n');
    for (const [, , wording] of expected) expect(texts).toContain(wording);
  });

  it.each(rows)('not there between a document and itself: $name', ({ before, after }) => {
    expect(verdictOf(diff(before, before))).toBe('no changes');
    expect(verdictOf(diff(after, after))).toBe('no changes');
  });
});

describe('a change', () => {
  it('names operation, field, places and values', () => {
    const [change] = diff(taking(object({ crew: { ...number, maximum: 9 } })), taking(object({ crew: { ...number, maximum: 8 } })));
    const place = '/paths/~1docks/post/requestBody/content/application~1json/schema/properties/crew';
    expect(change).toEqual({
      rule: 'limit-tightened',
      bump: 'major',
      operationId: 'dock',
      operations: ['dock'],
      location: { before: place, after: place },
      direction: 'request',
      field: 'crew',
      before: 'maximum 9',
      after: 'maximum 8',
      text: '`dock`: maximum of `crew` of the request body is `8`; it was `9`.',
    });
  });

  it('of a type names the type, both ways and all operations', () => {
    const schemas = (more: Node): Node => ({ Ship: object({ name: { ...text, ...more } }) });
    const body = (more: Node): Node =>
      api(
        {
          '/a': { post: { operationId: 'makeA', requestBody: json(ref('Ship')), responses: ok(text) } },
          '/b': get('getB', { responses: ok({ type: 'array', items: ref('Ship') }) }),
        },
        schemas(more),
      );
    const [change, ...rest] = diff(body({}), body({ nullable: true }));
    expect(rest).toEqual([]);
    expect(change).toMatchObject({
      bump: 'major',
      schema: 'Ship',
      direction: 'both',
      field: 'name',
      operations: ['getB', 'makeA'],
      location: { before: '/components/schemas/Ship/properties/name' },
    });
    expect(change).not.toHaveProperty('operationId');
  });

  it('is found at every place, even where the document holds one object at several places', () => {
    const fields = diff(taking(object({ a: text, b: text })), taking(object({ a: number, b: number }))).map(({ field }) => field);
    expect(fields).toEqual(['a', 'b']);
  });

  it('that breaks comes before one that does not', () => {
    const bumps = diff(taking(object({ a: text })), taking(object({ b: text, c: text }, 'c'))).map(({ bump }) => bump);
    expect(bumps).toEqual(['major', 'major', 'minor']);
  });
});
