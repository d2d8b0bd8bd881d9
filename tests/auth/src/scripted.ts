// A token endpoint that answers from a list, without a network, and keeps what it was asked.
import { AuthError, accessV1 } from '@finapi-ts/auth-helpers';

/** A request as it left the token layer. */
export interface Sent {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Fields of the body, decoded. */
  readonly form: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An answer, a way to one, or an error to reject with. */
export type Answer = Response | Error | ((sent: Sent) => Response | Promise<Response>);

export interface Scripted {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sent: readonly Sent[];
}

/** Gives the answers in turn, the last one again and again. Ends with `init.signal`, as `fetch` does. */
export function scripted(...answers: readonly Answer[]): Scripted {
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const body = typeof init.body === 'string' ? init.body : undefined;
    const request: Sent = {
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      body,
      form: Object.fromEntries(new URLSearchParams(body)),
      signal: init.signal ?? new AbortController().signal,
    };
    sent.push(request);
    const answer = answers[Math.min(sent.length, answers.length) - 1] ?? tokens();
    if (answer instanceof Error) throw answer;
    if (answer instanceof Response) return answer.clone();
    const ended = new Promise<never>((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
    return Promise.race([ended, answer(request)]);
  };
  return { fetch, sent };
}

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });

/** A token as finAPI answers it. */
export const tokens = (fields: object = {}): Response =>
  json(200, { access_token: 'access-1', token_type: 'bearer', expires_in: 3600, scope: 'all', ...fields });

/** Never answers. */
export const silence = (): Promise<Response> => new Promise(() => {});

/** Who asks, and where. */
export const client = { baseUrl: 'https://finapi.test', preset: accessV1, clientId: 'household', clientSecret: 'client-secret' } as const;

/** The failure of what must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<AuthError> {
  const cause = await reasonOf(promise);
  if (cause instanceof AuthError) return cause;
  throw cause;
}

/** Whatever it rejects with. */
export async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('this was to fail, and did not');
    },
    (cause: unknown) => cause,
  );
}

/** The codes of many outcomes; `ok` for those that succeeded. */
export async function outcomes(promises: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((it) => (it.status === 'fulfilled' ? 'ok' : String((it.reason as { code?: unknown }).code ?? it.reason)));
}

/** A promise and its ends. */
export function deferred<T = void>(): { readonly promise: Promise<T>; resolve(value: T): void; reject(cause: unknown): void } {
  let ends: { resolve(value: T): void; reject(cause: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { promise, resolve: (value) => ends?.resolve(value), reject: (cause) => ends?.reject(cause) };
}
