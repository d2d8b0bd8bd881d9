// Posts what the sandbox calls back with, to this machine alone, and keeps what came of it.

export interface CallbackEntry {
  /** When it was sent, in milliseconds since 1970 by the sandbox's clock. */
  readonly at: number;
  readonly url: string;
  readonly body: unknown;
  /** What it was answered with; undefined until then, and where it failed. */
  readonly status: number | undefined;
  /** Why it did not arrive. */
  readonly error: string | undefined;
}

/** Posts with what it is given; the global `fetch` fits. */
export type PostFetch = (
  url: string,
  init: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly redirect: 'manual';
  },
) => Promise<{ readonly status: number }>;

export interface Callbacks {
  readonly log: readonly CallbackEntry[];
  /** Resolves when the callback was answered or has failed; never rejects. */
  post(url: string, body: unknown): Promise<void>;
}

export function createCallbacks(now: () => number, fetch: PostFetch): Callbacks {
  const log: { -readonly [Name in keyof CallbackEntry]: CallbackEntry[Name] }[] = [];
  return {
    log,
    async post(url, body) {
      const entry = { at: now(), url, body, status: undefined as number | undefined, error: undefined as string | undefined };
      log.push(entry);
      try {
        if (!isLoopback(url)) throw new Error('callbacks go to this machine alone: 127.0.0.1, ::1 or localhost');
        const headers = { 'content-type': 'application/json' };
        // A redirect could lead elsewhere.
        entry.status = (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual' })).status;
      } catch (cause) {
        entry.error = cause instanceof Error ? cause.message : String(cause);
      }
    },
  };
}

/** Names and addresses of this machine (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3). */
function isLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
