// What the tests of the sandbox share: one with two clients and a user, and calls written out as requests.
import { createSandbox, createTestClock, type Sandbox, type SandboxOptions, type TestClock } from '../src/index.js';

export const secret = 'household-secret';
export const adminSecret = 'household-admin-secret';
export const password = 'a-long-password';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any body.
  readonly body: any;
}

export interface Stage {
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  /** Asks for a token with the client's credentials, unless `form` says otherwise. */
  token(form: Readonly<Record<string, string>>): Promise<Answered>;
  clientToken(): Promise<string>;
  adminToken(): Promise<string>;
  /** Logs alice in. */
  login(): Promise<{ access_token: string; refresh_token: string; expires_in: number }>;
  call(method: string, target: string, token?: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

/** A sandbox on a test clock. `client` changes the client, the rest goes to the sandbox as it is. */
export function stage(client: Partial<NonNullable<SandboxOptions['clients']>[number]> = {}, options: SandboxOptions = {}): Stage {
  const clock = createTestClock();
  const sandbox = createSandbox({
    clock,
    clients: [
      { clientId: 'household', clientSecret: secret, ...client },
      { clientId: 'household-admin', clientSecret: adminSecret, role: 'admin' },
    ],
    users: [{ id: 'Alice', password, email: 'alice@example.com' }],
    ...options,
  });
  const call: Stage['call'] = async (method, target, token, body, headers = {}) =>
    read(
      await sandbox.fetch(sandbox.baseUrl + target, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
  const token: Stage['token'] = async (form) =>
    read(
      await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'household', client_secret: secret, ...form }),
      }),
    );
  const issued = async (form: Readonly<Record<string, string>>) => {
    const { status, body } = await token(form);
    if (status !== 200) throw new Error(`the token call was answered with ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    sandbox,
    clock,
    call,
    token,
    clientToken: async () => (await issued({ grant_type: 'client_credentials' })).access_token,
    adminToken: async () =>
      (await issued({ grant_type: 'client_credentials', client_id: 'household-admin', client_secret: adminSecret })).access_token,
    login: () => issued({ grant_type: 'password', username: 'alice', password }),
  };
}

export async function read(response: Response): Promise<Answered> {
  const text = await response.text();
  let body: unknown = text;
  if (response.headers.get('content-type') === 'application/json') body = JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

/** An `ErrorMessage` with this code. */
export const errorWith = (code: string): object => ({ errors: [{ code, type: 'TECHNICAL' }] });
