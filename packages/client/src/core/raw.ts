// The path-based door: openapi-fetch over the client's transport. The only module that knows it.
import createPathClient from 'openapi-fetch';
import { mask, parse, readValue } from './answer.js';
import { type Context, contextOf } from './client.js';
import { FinapiError } from './errors.js';
import { exchange, newTrace } from './transport.js';
import type { CallOptions, PathOperation } from './types.js';

/** What came back. `data` is there for a success, `error` for anything else; a body that is no JSON is text. */
export type PathAnswer<Operation> =
  Operation extends PathOperation<unknown, infer Data, infer Failure, boolean>
    ?
        | { readonly data: Data; readonly error?: never; readonly response: Response }
        | { readonly data?: never; readonly error: Failure | string; readonly response: Response }
    : never;

/** A path-based call: the path's own parameters and body, beside the options of any call. */
export type PathInit<Operation> = Operation extends PathOperation<infer Init, unknown, unknown, boolean> ? Init & CallOptions : never;

/** Methods by HTTP verb; each takes one of its paths. */
export type PathDoor<ByMethod extends object> = {
  readonly [Method in keyof ByMethod]: <Path extends keyof ByMethod[Method]>(
    path: Path,
    ...init: ByMethod[Method][Path] extends PathOperation<unknown, unknown, unknown, true>
      ? [init: PathInit<ByMethod[Method][Path]>]
      : [init?: PathInit<ByMethod[Method][Path]>]
  ) => Promise<PathAnswer<ByMethod[Method][Path]>>;
};

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A call as openapi-fetch takes it, loosely typed: the generated paths have been checked above. */
type LooseInit = CallOptions & { readonly params?: { readonly path?: object; readonly query?: object }; readonly body?: object };
type LooseCall = (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

export function openDoor(view: object): object {
  const context = contextOf(view);
  const door = createPathClient({ baseUrl: context.settings.baseUrl }) as unknown as Record<string, LooseCall>;
  const open =
    (method: string) =>
    async (path: string, init: LooseInit = {}) => {
      // What is sent is written by the client, so that both doors send the same; openapi-fetch takes the answer apart.
      const middleware = [{ onRequest: () => send(context, method, path, init) }];
      const { data, error, response } = await (door[method] as LooseCall)(path, { middleware });
      return response.ok ? { data, response } : { error: error ?? '', response };
    };
  return Object.fromEntries(methods.map((method) => [method, open(method)]));
}

async function send(context: Context, method: string, path: string, init: LooseInit): Promise<Response> {
  const id = Object.keys(context.table).find((it) => context.table[it]?.method === method && context.table[it]?.path === path);
  if (id === undefined) throw new FinapiError('INVALID_ARGUMENT', `there is no operation ${method} ${path}`);
  const operation = context.compiled(id);
  const { token } = operation;
  if (token.length > 0 ? !token.includes(context.identity) : context.identity !== 'client') {
    throw new FinapiError('INVALID_ARGUMENT', `${method} ${path} does not take a token of the ${context.identity}`);
  }
  const trace = newTrace();
  const args = { ...init.params?.query, ...init.body, ...init.params?.path };
  const received = await exchange(context.settings, operation, args, context.credential, init, trace, (it) => it);
  const { status } = received;
  const success = status >= 200 && status < 300;
  // Throws where a success cannot be read, or the status is none that a Response can have.
  if (success || status < 200 || status > 599) readValue(operation, received, trace, args);
  const body = success ? undefined : parse(received.text);
  const text = body === undefined ? received.text : JSON.stringify(mask(body, trace, args));
  const headers = new Headers(received.headers);
  // The body has been read and decoded.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name);
  return new Response(
    text === '' || (success && operation.empty === true) || status === 204 || status === 205 || status === 304 ? null : text,
    { status, headers },
  );
}
