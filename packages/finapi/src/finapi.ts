/// <reference lib="esnext.disposable" preserve="true" />
// Ties clients and tokens together: one application, all of its APIs, and its users.
import {
  type Auth,
  type AuthEvent,
  type Clock,
  type Credentials,
  createAuth,
  type EndpointOptions,
  type FleetOptions,
  type PoolOptions,
  type Preset,
  type RenewalOptions,
  type Secret,
  type Session,
  type TokenStore,
  type UserTokenSource,
  allowInsecureHttp as withInsecureTokens,
} from '@finapi-ts/auth-helpers';
import { allowInsecureHttp, type ClientOptions, FinapiError } from '@finapi-ts/client';
import type { Api, ApiClient, EnvironmentName } from './api.js';

/** The APIs of an application, each from its own import, so that only what is used is loaded. */
export interface Apis {
  /** `import { access } from 'finapi-ts/access'`: Access V2. */
  readonly access?: Api<'access', ApiClient>;
  /** `import { accessV1 } from 'finapi-ts/access-v1'`. */
  readonly accessV1?: Api<'accessV1', ApiClient>;
  /** `import { webForm } from 'finapi-ts/web-form'`. */
  readonly webForm?: Api<'webForm', ApiClient>;
}

/** One of finAPI's, or hosts of your own: https, with a path where a proxy has one. */
export type Environment =
  | EnvironmentName
  | {
      /** Access V1 and V2, and the tokens of all APIs. */
      readonly access: string;
      /** Needed where Web Form is among the APIs. */
      readonly webForm?: string;
    };

/** How tokens are got and shared, where the defaults do not do. */
export type TokenOptions = RenewalOptions & FleetOptions & Pick<EndpointOptions, 'timeoutMs' | 'headers'>;

/** Options that every client takes as they are. */
type Passed = Pick<
  ClientOptions,
  'fetch' | 'timeoutMs' | 'retry' | 'language' | 'psu' | 'userAgent' | 'methodOverride' | 'middleware' | typeof allowInsecureHttp
>;

export interface FinapiOptions<Given extends Apis> extends Passed {
  readonly environment: Environment;
  readonly clientId: string;
  /** The secret, or a function that reads it anew for every token request. */
  readonly clientSecret: Secret;
  /** An admin client, for what stands behind `admin` of a client. */
  readonly adminClientId?: string;
  readonly adminClientSecret?: Secret;
  /** What to load: `{ access, webForm }`. */
  readonly apis: Given;
  /**
   * The token endpoints: `accessV1Preset` or `accessV2Preset`. Those of V2 unless set, or of V1 where only that of the two is
   * among the APIs. finAPI binds a client to one version.
   */
  readonly preset?: Preset;
  /** Shares tokens between processes, or keeps them over a restart. */
  readonly store?: TokenStore;
  /** Bounds of the users kept, and where their passwords are read. */
  readonly users?: PoolOptions;
  /** Told of everything that happens to tokens; never a secret. For calls, put `observe` into `middleware`. */
  readonly onEvent?: (event: AuthEvent) => void;
  readonly tokens?: TokenOptions;
  /** Time of the tokens, for tests. */
  readonly clock?: Clock;
}

/** How to log a user in. Without any of it, a session ends with its refresh token. */
export interface UserOptions {
  /** The user's password at finAPI. It stays in memory as long as this user's object; `credentials` reads it only when needed. */
  readonly password?: string;
  readonly credentials?: Credentials;
  /** Where to go on, if nothing is known of the user yet. */
  readonly session?: Session;
}

type ClientOf<One> = One extends Api<infer _, infer Client> ? Client : never;
type UserOf<Client> = Client extends ApiClient ? ReturnType<Client['as']> : never;

/** A user's operations by API, and the user's tokens. */
export type FinapiUser<Given extends Apis> = { readonly [Name in keyof Given]: UserOf<ClientOf<Given[Name]>> } & {
  /** finAPI's id of the user, as you wrote it. */
  readonly userId: string;
  /** The source that the operations use: `session()`, `revoke()`, `status()`. */
  readonly tokens: UserTokenSource;
  /** Ends the session: wipes it here and in the store, and gives its tokens back. */
  logout(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
};

/** An application at finAPI: the client of each API that was given, and its users. */
export type Finapi<Given extends Apis> = { readonly [Name in keyof Given]: ClientOf<Given[Name]> } & {
  /** The tokens of the application. */
  readonly auth: Auth;
  /** A user. It sends nothing; the same session, however often and in whichever case the id is given. */
  user(userId: string, options?: UserOptions): FinapiUser<Given>;
  /** Forgets all tokens without giving them back. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Prepares an application's clients over one set of tokens. It sends nothing by itself, opens no connection and needs no closing.
 *
 * @throws FinapiError `INVALID_ARGUMENT`, AuthError `INVALID_ARGUMENT`: an option is missing or wrong
 */
export function createFinapi<const Given extends Apis>(given: FinapiOptions<Given>): Finapi<Given> {
  const options = bare(given);
  const apis = listApis(options.apis);
  const auth = createAuth(authOptions(options, apis));
  const shared = withoutUndefined({
    auth: bare(auth),
    fetch: options.fetch,
    timeoutMs: options.timeoutMs,
    retry: options.retry,
    language: options.language,
    psu: options.psu,
    userAgent: options.userAgent,
    methodOverride: options.methodOverride,
    middleware: options.middleware,
    [allowInsecureHttp]: options[allowInsecureHttp],
  });
  const clients = apis.map((api) => [api.kind, api.create(bare({ ...shared, baseUrl: hostOf(options.environment, api) }))] as const);
  return {
    ...Object.fromEntries(clients),
    auth,
    user(userId: string, userOptions: UserOptions = {}) {
      const tokens = auth.user(userId, sessionOptions(bare(userOptions)));
      return {
        ...Object.fromEntries(clients.map(([kind, client]) => [kind, client.as(tokens)])),
        userId,
        tokens,
        logout: (logoutOptions?: { readonly signal?: AbortSignal | undefined }) => tokens.logout(logoutOptions),
      };
    },
    [Symbol.asyncDispose]: () => auth[Symbol.asyncDispose](),
  } as unknown as Finapi<Given>;
}

type AnyApi = Api<'access' | 'accessV1' | 'webForm', ApiClient>;

const imports = { access: 'finapi-ts/access', accessV1: 'finapi-ts/access-v1', webForm: 'finapi-ts/web-form' };

function listApis(apis: Apis): readonly AnyApi[] {
  if (typeof apis !== 'object' || apis === null) throw invalid("apis is missing; it looks like { access }, from 'finapi-ts/access'");
  const entries = Object.entries<AnyApi | undefined>(apis as Record<string, AnyApi | undefined>);
  const list = entries.flatMap(([name, api]) => {
    if (api === undefined) return [];
    if (!Object.hasOwn(imports, name)) throw invalid(`apis.${name} is unknown; there are ${Object.keys(imports).join(', ')}`);
    if (api?.kind !== name)
      throw invalid(`apis.${name} is not the API of that name; import it from '${imports[name as keyof typeof imports]}'`);
    return [api];
  });
  if (list.length === 0) throw invalid("apis is empty; it looks like { access }, from 'finapi-ts/access'");
  return list;
}

function authOptions(options: FinapiOptions<Apis>, apis: readonly AnyApi[]): Parameters<typeof createAuth>[0] {
  // Web Form says where tokens are only where no Access does.
  const owner = ['access', 'accessV1', 'webForm']
    .map((kind) => apis.find((api) => api.kind === kind))
    .find((api) => api !== undefined) as AnyApi;
  const { environment, clientId, clientSecret, adminClientId, adminClientSecret, tokens } = options;
  if ((adminClientId === undefined) !== (adminClientSecret === undefined))
    throw invalid('adminClientId and adminClientSecret belong together; one of them is missing');
  const baseUrl = isName(environment) ? owner.tokens.servers[environment] : urlOf(environment, 'access');
  return {
    ...withoutUndefined({ ...tokens }),
    ...withoutUndefined({
      fetch: options.fetch,
      store: options.store,
      users: options.users,
      onEvent: options.onEvent,
      clock: options.clock,
      [withInsecureTokens]: options[allowInsecureHttp],
    }),
    ...(adminClientId === undefined || adminClientSecret === undefined
      ? {}
      : { admin: { clientId: adminClientId, clientSecret: adminClientSecret } }),
    baseUrl,
    preset: options.preset ?? owner.tokens.preset,
    clientId,
    clientSecret,
  };
}

const hostOf = (environment: Environment, api: AnyApi): string =>
  isName(environment) ? api.servers[environment] : urlOf(environment, api.kind === 'webForm' ? 'webForm' : 'access');

const isName = (environment: Environment): environment is EnvironmentName => environment === 'sandbox' || environment === 'live';

function urlOf(environment: Exclude<Environment, EnvironmentName>, name: 'access' | 'webForm'): string {
  if (typeof environment !== 'object' || environment === null)
    throw invalid("environment must be 'sandbox', 'live', or { access, webForm } with the hosts of your own");
  const url = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (typeof url !== 'string') throw invalid(`environment.${name} is missing; it is the host, such as https://proxy.example`);
  return url;
}

function sessionOptions({ password, credentials, session }: UserOptions): Parameters<Auth['user']>[1] {
  if (password !== undefined && credentials !== undefined) throw invalid('give a user either password or credentials');
  if (password !== undefined && (typeof password !== 'string' || password === '')) throw invalid('password is empty');
  return withoutUndefined({ credentials: password === undefined ? credentials : () => ({ password }), session });
}

const invalid = (message: string): FinapiError => new FinapiError('INVALID_ARGUMENT', message);

/** A copy that inherits nothing: what somebody put on `Object.prototype` is no option. */
const bare = <T extends object>(object: T): T => Object.assign(Object.create(null), object);

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Options that are `undefined` count as absent, so that defaults apply. */
function withoutUndefined<T extends object>(object: T): Defined<T> {
  const copy: Record<PropertyKey, unknown> = {};
  for (const name of Reflect.ownKeys(object)) {
    const value = (object as Record<PropertyKey, unknown>)[name];
    if (value !== undefined) copy[name] = value;
  }
  return copy as Defined<T>;
}
