// `fetch` that ends in the sandbox.
import type { Message, Outcome } from './message.js';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export function fetchOver(baseUrl: string, handle: (request: Message, signal?: AbortSignal) => Promise<Outcome>): Fetch {
  const { origin } = new URL(baseUrl);
  if (origin !== baseUrl) throw new Error(`baseUrl is an origin such as ${origin}, without path and slash`);
  return async (input, init = {}) => {
    const request = input instanceof Request ? new Request(input, init) : undefined;
    const url = new URL(request?.url ?? String(input));
    // The path may hold a token, the origin does not.
    if (url.origin !== origin) throw new TypeError(`the sandbox is at ${origin}, this call goes to ${url.origin}`);
    const signal = init.signal ?? request?.signal ?? undefined;
    signal?.throwIfAborted();
    const body = request !== undefined ? await request.text() : typeof init.body === 'string' ? init.body : await textOf(init.body);
    const headers = new Headers(request?.headers ?? init.headers);
    if (init.body instanceof URLSearchParams && !headers.has('content-type'))
      headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
    const outcome = await handle(
      {
        method: (request?.method ?? init.method ?? 'GET').toUpperCase(),
        target: url.pathname + url.search,
        headers: Object.fromEntries(headers),
        body,
      },
      signal,
    );
    signal?.throwIfAborted();
    if (outcome === 'reset')
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' }) });
    return new Response(outcome.body === '' ? null : outcome.body, { status: outcome.status, headers: outcome.headers });
  };
}

const textOf = async (body: RequestInit['body']): Promise<string> => (body === undefined || body === null ? '' : new Response(body).text());
