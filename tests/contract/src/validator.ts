// Checks requests and answers against the document: a second opinion beside the mock's, which can be too lenient.
import { isNode, type Node } from '@finapi-ts/scripts/grammar';
import { componentSchemas, toJsonSchema } from '@finapi-ts/scripts/json-schema';
import type { Operation, Parameter } from '@finapi-ts/scripts/model';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A request as the client put it on the wire. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Validator {
  /** What is wrong with a request; nothing where it is as the document wants it. */
  request(operation: Operation, sent: Sent): string[];
  /** What is wrong with the body of an answer. */
  answer(operation: Operation, status: number, body: unknown): string[];
}

export function createValidator(document: Node): Validator {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
  ajv.addFormat('ipv4', /^(\d{1,3}\.){3}\d{1,3}$/);
  ajv.addSchema(componentSchemas(document));
  const compiled = new Map<Node, ReturnType<typeof ajv.compile>>();

  const faults = (place: string, schema: Node, value: unknown): string[] => {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(toJsonSchema(schema));
      compiled.set(schema, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${place}${instancePath}: ${message}`);
  };

  return {
    request(operation, { method, url, headers, body }) {
      const { pathname, searchParams } = new URL(url);
      const wrong: string[] = [];
      if (method !== operation.method) wrong.push(`method: ${method}`);

      const names: string[] = [];
      const pattern = operation.path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([^}]+)\}/g, (_, name: string) => {
        names.push(name);
        return '([^/]+)';
      });
      const found = new RegExp(`^${pattern}$`).exec(pathname);
      if (found === null) wrong.push(`path: ${pathname} is not of the form ${operation.path}`);
      for (const [index, name] of names.entries()) {
        const parameter = operation.pathParameters.find((it) => it.name === name);
        const text = found?.[index + 1];
        if (parameter === undefined || text === undefined) continue;
        const parts = parameter.schema.type === 'array' ? text.split(',') : [text];
        wrong.push(...faults(`path.${name}`, parameter.schema, read(parameter, parts.map(decodeURIComponent))));
      }

      const query = new Map<string, string[]>();
      for (const [name, value] of searchParams) query.set(name, [...(query.get(name) ?? []), value]);
      for (const parameter of operation.queryParameters) {
        const values = query.get(parameter.name);
        query.delete(parameter.name);
        if (values !== undefined) wrong.push(...faults(`query.${parameter.name}`, parameter.schema, read(parameter, values)));
        else if (parameter.required) wrong.push(`query.${parameter.name}: missing`);
      }
      for (const name of query.keys()) wrong.push(`query.${name}: the document does not know it`);

      if (!/^[\x20-\x7e]{1,255}$/.test(headers['x-request-id'] ?? '')) wrong.push('header.X-Request-Id: missing or unfit');
      const bearer = /^Bearer [\x21-\x7e]+$/.test(headers.authorization ?? '');
      if (bearer !== operation.token.length > 0)
        wrong.push(`header.Authorization: ${bearer ? 'sent to an operation without a token' : 'missing'}`);
      if (operation.body === undefined) {
        if (body !== undefined || headers['content-type'] !== undefined) wrong.push('body: there must be none');
      } else if (headers['content-type'] !== operation.body.mediaType) wrong.push(`header.Content-Type: ${headers['content-type']}`);
      else
        wrong.push(
          ...faults(
            'body',
            operation.body.schema,
            operation.body.mediaType === 'application/json' ? parse(body) : Object.fromEntries(new URLSearchParams(body)),
          ),
        );
      return wrong;
    },

    answer({ answers }, status, body) {
      const declared = answers.find((it) => it.status === status);
      if (declared === undefined) return [`status: ${status} is not declared`];
      if (declared.schema === undefined) return body === undefined ? [] : ['body: there must be none'];
      return faults('body', declared.schema, body);
    },
  };
}

/** Texts of a query or a path as the values that they stand for. */
function read({ schema }: Parameter, texts: readonly string[]): unknown {
  if (schema.type !== 'array') return readOne(schema, texts[0] ?? '');
  return texts.map((text) => readOne(isNode(schema.items) ? schema.items : {}, text));
}

function readOne({ type }: Node, text: string): unknown {
  if (type === 'integer' || type === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}
