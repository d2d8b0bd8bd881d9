// Builds a client from an operation table: methods by tag, for the client itself, an admin client and users.
import { readValue } from './answer.js';
import type { Credential, Identity } from './auth.js';
import { callOf, pagedOf } from './call.js';
import { FinapiError } from './errors.js';
import type { OperationTable } from './operation.js';
import { type ClientOptions, type Settings, settle } from './options.js';
import { type Compiled, compiler } from './request.js';
import { exchange, newTrace } from './transport.js';
import type { Call, CallOptions } from './types.js';

/** What the methods of one identity work with. The path-based door finds it by the object that holds the methods. */
export interface Context {
  readonly settings: Settings;
  readonly table: OperationTable;
  readonly compiled: (id: string) => Compiled;
  readonly identity: Identity;
  readonly credential: Credential<Identity> | undefined;
}

const contexts = new WeakMap<object, Context>();

/** The context of a client, of `as(user)` or of `admin`. */
export function contextOf(view: object): Context {
  const context = contexts.get(view);
  if (context === undefined) throw new FinapiError('INVALID_ARGUMENT', 'expected a client, what `as(user)` gave, or `admin`');
  return context;
}

/** The client over a table: operations of the client by tag, `as`, `admin` and what it was generated from. */
export function createClient(table: OperationTable, provenance: object, options: ClientOptions): object {
  const settings = settle(options);
  const compiled = compiler(table);
  const prototypes = new Map<Identity, object>();
  const view = (identity: Identity, credential: Credential<Identity> | undefined): object => {
    if (credential !== undefined && credential.identity !== identity) {
      throw new FinapiError('INVALID_ARGUMENT', `expected a token of the ${identity}, this one is of the ${credential.identity}`);
    }
    let prototype = prototypes.get(identity);
    if (prototype === undefined) {
      prototype = prototypeOf(table, identity);
      prototypes.set(identity, prototype);
    }
    const made: object = Object.create(prototype);
    contexts.set(made, { settings, table, compiled, identity, credential });
    return made;
  };
  const client = view('client', settings.auth.client);
  return Object.assign(client, {
    provenance,
    admin: view('admin', settings.auth.admin),
    as(user: Credential<'user'>): object {
      if (typeof user !== 'object' || user === null)
        throw new FinapiError('INVALID_ARGUMENT', "as() takes a user's token, { identity: 'user', token }, or a source of them");
      return view('user', user);
    },
  });
}

/** An object whose properties are the tags; the methods of a tag are made when they are first asked for. */
function prototypeOf(table: OperationTable, identity: Identity): object {
  const groups = new Map<string, string[]>();
  for (const id of Object.keys(table)) {
    const { group, token } = table[id] as OperationTable[string];
    if (token.includes(identity) || (identity === 'client' && token.length === 0)) groups.set(group, [...(groups.get(group) ?? []), id]);
  }
  const prototype = {};
  for (const [group, ids] of groups) {
    Object.defineProperty(prototype, group, {
      enumerable: true,
      get(this: object): object {
        const context = contextOf(this);
        const methods: Record<string, (args?: object, options?: CallOptions) => Call<unknown, unknown>> = {};
        for (const id of ids) methods[id] = (args, options) => invoke(context, id, args, options);
        Object.defineProperty(this, group, { value: methods, enumerable: true });
        return methods;
      },
    });
  }
  return prototype;
}

function invoke(context: Context, id: string, args: object | undefined, options: CallOptions = {}): Call<unknown, unknown> {
  const operation = context.compiled(id);
  const trace = newTrace();
  const value = exchange(context.settings, operation, args, context.credential, options, trace, (received) =>
    readValue(operation, received, trace, args),
  );
  const call = callOf(operation, value, trace);
  if (operation.items === undefined) return call;
  const { page } = (args ?? {}) as { page?: unknown };
  return pagedOf(operation.items, call, typeof page === 'number' ? page : 1, (next) =>
    invoke(context, id, { ...args, page: next }, options),
  );
}
