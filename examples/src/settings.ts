// Where finAPI is, who calls and for whom: from the environment.
import { readFileSync } from 'node:fs';
import type { Environment } from 'finapi-ts';

/** What an example needs of its surroundings. */
export interface Settings {
  readonly environment: Environment;
  readonly clientId: string;
  readonly clientSecret: string;
  /** finAPI's ids of the users that there are. */
  readonly userIds: readonly string[];
  /** Stands for your vault: reads a user's password at finAPI. Throws where it has none. */
  readonly readPassword: (userId: string) => Promise<string>;
}

/** Variables of the environment. Those that are empty count as absent. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads `FINAPI_CLIENT_ID` and `FINAPI_CLIENT_SECRET`; `undefined` where neither is there. `FINAPI_ENVIRONMENT` is `sandbox` (unless
 * set) or `live`; `FINAPI_BASE_URL` and `FINAPI_WEB_FORM_URL` are hosts in its place. A user is `FINAPI_USER_ID` with
 * `FINAPI_USER_PASSWORD`; several are in the JSON file `FINAPI_USERS_FILE`, as `{ "id": "password" }`.
 */
export function readSettings(variables: Variables): Settings | undefined {
  const { FINAPI_CLIENT_ID: clientId, FINAPI_CLIENT_SECRET: clientSecret } = variables;
  if (!clientId && !clientSecret) return undefined;
  if (!clientId || !clientSecret) throw new Error('FINAPI_CLIENT_ID and FINAPI_CLIENT_SECRET belong together; one of them is not set');
  const readUsers = (): Readonly<Record<string, string>> => usersIn(variables);
  return {
    environment: environmentOf(variables),
    clientId,
    clientSecret,
    userIds: Object.keys(readUsers()),
    async readPassword(userId) {
      // Read anew for every login: a password that was changed is taken over.
      const users = readUsers();
      const password = Object.hasOwn(users, userId) ? users[userId] : undefined;
      if (password === undefined) throw new Error(`there is no password of the user ${userId}`);
      return password;
    },
  };
}

function environmentOf({
  FINAPI_ENVIRONMENT: name,
  FINAPI_BASE_URL: access,
  FINAPI_WEB_FORM_URL: webForm,
}: Variables): Settings['environment'] {
  if (access) return webForm ? { access, webForm } : { access };
  const known = (['sandbox', 'live'] as const).find((it) => it === (name || 'sandbox'));
  if (known === undefined) throw new Error(`FINAPI_ENVIRONMENT is sandbox or live, not ${name}`);
  return known;
}

function usersIn({ FINAPI_USERS_FILE: file, FINAPI_USER_ID: userId, FINAPI_USER_PASSWORD: password }: Variables): Record<string, string> {
  if (file) return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  if (!userId && !password) return {};
  if (!userId || !password) throw new Error('FINAPI_USER_ID and FINAPI_USER_PASSWORD belong together; one of them is not set');
  return { [userId]: password };
}

/** The first user. Throws where there is none. */
export function firstUser({ userIds: [userId] }: Settings): string {
  if (userId === undefined) throw new Error('there is no user: set FINAPI_USER_ID and FINAPI_USER_PASSWORD');
  return userId;
}
