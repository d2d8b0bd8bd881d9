// A sandbox on a test clock, the tokens of an application over it, and a client that takes them.
import { type Auth, type AuthEvent, type AuthOptions, accessV1, createAuth, type PoolOptions } from '@finapi-ts/auth-helpers';
import type { ClientOptions } from '@finapi-ts/client';
import { type AccessV1, createAccessV1 } from '@finapi-ts/client/access-v1';
import {
  createSandbox,
  createTestClock,
  type Sandbox,
  type ClientOptions as SandboxClient,
  type TestClock,
  type UserOptions,
} from '@finapi-ts/testing';

export const secret = 'household-secret';
const adminSecret = 'household-admin-secret';
export const password = 'a-long-password';

export interface Stage {
  readonly clock: TestClock;
  readonly sandbox: Sandbox;
  readonly auth: Auth;
  readonly finapi: AccessV1;
  readonly events: readonly AuthEvent[];
  /** How many token requests arrived, of this grant where one is named. */
  asked(grant?: string): number;
  /** How often the password was read. */
  readonly read: number;
}

export interface StageOptions {
  readonly client?: Partial<SandboxClient>;
  readonly users?: readonly UserOptions[];
  readonly auth?: Partial<Omit<AuthOptions, 'users'>>;
  readonly pool?: PoolOptions;
  readonly finapi?: Partial<ClientOptions>;
}

/** Ends of the token and user lives are those of finAPI's configuration unless `client` says otherwise. */
export function stage({
  client = {},
  users = [],
  auth: authOptions = {},
  pool = {},
  finapi: clientOptions = {},
}: StageOptions = {}): Stage {
  const clock = createTestClock();
  const sandbox = createSandbox({
    clock,
    clients: [
      { clientId: 'household', clientSecret: secret, ...client },
      { clientId: 'household-admin', clientSecret: adminSecret, role: 'admin' },
    ],
    users: [{ id: 'Alice', password }, { id: 'Bob', password }, ...users],
  });
  const events: AuthEvent[] = [];
  let read = 0;
  const credentials = (): { password: string } => {
    read += 1;
    return { password };
  };
  const auth = createAuth({
    baseUrl: sandbox.baseUrl,
    preset: accessV1,
    fetch: sandbox.fetch,
    clock,
    clientId: 'household',
    clientSecret: secret,
    admin: { clientId: 'household-admin', clientSecret: adminSecret },
    onEvent: (event) => events.push(event),
    ...authOptions,
    users: { credentials, ...pool },
  });
  const finapi = createAccessV1({ baseUrl: sandbox.baseUrl, fetch: sandbox.fetch, auth, retry: false, ...clientOptions });
  return {
    clock,
    sandbox,
    auth,
    finapi,
    events,
    asked: (grant) => sandbox.log.filter((it) => it.operationId === 'getToken' && (grant === undefined || it.grant === grant)).length,
    get read() {
      return read;
    },
  };
}

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
