// A server with many users: each sees their own accounts, and updates their own bank connections.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Finapi } from 'finapi-ts';
import type { access } from 'finapi-ts/access';
import { type Answer, answerTo, expiredCookie, Refusal, signIn } from './answers.ts';

type Apis = { readonly access: typeof access };

export interface AppOptions {
  /** One for all users: its pool keeps their tokens, and reads a password only when a login is needed. */
  readonly finapi: Finapi<Apis>;
  /** Checks what somebody signs in with at this application; finAPI's id of the user, `undefined` where it is wrong. */
  readonly checkSignIn: (name: string, password: string) => Promise<string | undefined>;
  /** Told of failures that are this server's own. */
  readonly onError?: (cause: unknown) => void;
}

interface Asked {
  readonly user: ReturnType<Finapi<Apis>['user']>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What stands in the path, in the place of a number. */
  readonly id: number;
  /** Ends when whoever asked has gone. */
  readonly signal: AbortSignal;
}

const routes: Readonly<Record<string, (asked: Asked) => Promise<Answer>>> = {
  async 'GET /accounts'({ user, signal }) {
    const { accounts } = await user.access.accounts.getAndSearchAllAccounts({}, { signal });
    return { status: 200, body: accounts.map(({ id, accountName, iban, balance }) => ({ id, accountName, iban, balance })) };
  },

  async 'GET /bank-connections'({ user, signal }) {
    const { connections } = await user.access.bankConnections.getAllBankConnections({}, { signal });
    return { status: 200, body: connections.map(({ id, name, updateStatus }) => ({ id, name, updateStatus })) };
  },

  async 'POST /bank-connections/#/update'({ user, id, body, signal }) {
    // The page repeats its request with what the user answered: the hash says what the answer is for.
    const { hash, challengeResponse } = body;
    const step =
      typeof hash === 'string' && typeof challengeResponse === 'string' ? { multiStepAuthentication: { hash, challengeResponse } } : {};
    const { updateStatus } = await user.access.bankConnections.updateBankConnection(
      { bankConnectionId: id, bankingInterface: 'XS2A', ...step },
      { signal },
    );
    return { status: 202, body: { updateStatus } };
  },
};

/** Sessions live in memory: with several processes, keep them where all can read them, and give `createFinapi` a `store`. */
export function createApp({ finapi, checkSignIn, onError = () => {} }: AppOptions): RequestListener {
  /** finAPI's ids of users by the secret in their cookie. */
  const sessions = new Map<string, string>();

  async function answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const [path = '/'] = (request.url ?? '/').split('?');
    const call = `${request.method} ${path.replace(/(?<=\/)\d+(?=\/|$)/, '#')}`;
    const cookie = sessionIn(request);
    if (call === 'POST /session') {
      const { name, password } = await bodyOf(request);
      const userId = typeof name === 'string' && typeof password === 'string' ? await checkSignIn(name, password) : undefined;
      if (userId === undefined) throw new Refusal(403, 'WRONG_PASSWORD');
      const secret = randomBytes(32).toString('base64url');
      sessions.set(secret, userId);
      // Behind https, add `Secure`.
      return { status: 204, headers: { 'set-cookie': `session=${secret}; Path=/; HttpOnly; SameSite=Strict` } };
    }
    const userId = sessions.get(cookie);
    if (userId === undefined) return signIn;
    const user = finapi.user(userId);
    if (call === 'DELETE /session') {
      sessions.delete(cookie);
      // Where the user is signed in elsewhere, finAPI's session stays.
      if (![...sessions.values()].includes(userId)) await user.logout();
      return { status: 204, headers: { 'set-cookie': expiredCookie } };
    }
    const route = Object.hasOwn(routes, call) ? routes[call] : undefined;
    if (route === undefined) throw new Refusal(404, 'NOT_FOUND');
    const id = Number(/\d+/.exec(path)?.[0]);
    const body = request.method === 'POST' ? await bodyOf(request) : {};
    try {
      return await route({ user, body, id, signal });
    } catch (cause) {
      if (answerTo(cause) === signIn) sessions.delete(cookie);
      throw cause;
    }
  }

  return (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    answer(request, gone.signal)
      .catch((cause: unknown) => {
        const failed = answerTo(cause);
        if (failed.status === 500 && !gone.signal.aborted) onError(cause);
        return failed;
      })
      .then(({ status, body, headers = {} }) => {
        const json = body === undefined ? undefined : JSON.stringify(body);
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }).end(json);
      })
      .catch(onError);
  };
}

const sessionIn = ({ headers }: IncomingMessage): string => /(?:^|;\s*)session=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '';

/** JSON alone: a page of somebody else cannot send it without asking first. */
async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  if (!request.headers['content-type']?.startsWith('application/json')) throw new Refusal(415, 'JSON_ONLY');
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > 10_000) throw new Refusal(413, 'TOO_LARGE', { connection: 'close' });
  }
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    throw new Refusal(400, 'NOT_JSON');
  }
}
