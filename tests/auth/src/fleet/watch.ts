// Looks at every token request that goes out: who sends it, with what, and what comes of it.
import type { Sandbox } from '@finapi-ts/testing';

/** A token request as it was seen. */
export interface TokenRequest {
  /** The process that sent it. */
  readonly from: string;
  readonly grant: string;
  /** User id in lower case; undefined for a client's own token, and for a refresh token that nobody issued. */
  readonly userId: string | undefined;
  readonly refreshToken: string | undefined;
  readonly password: string | undefined;
  /** By the sandbox's clock. */
  readonly at: number;
  /** What the caller saw; `lost` where no answer came. */
  outcome: number | 'lost' | undefined;
  /** Whether the sandbox gave tokens for it, seen or not. */
  granted: boolean;
  /** A new refresh token that the caller saw. */
  successor: string | undefined;
  /** Requests for the same user or client that were under way when it was sent, itself included: in its process, and in all. */
  readonly beside: { readonly process: number; readonly all: number };
}

export interface Watch {
  readonly requests: TokenRequest[];
  /** The `fetch` of a process. */
  fetchOf(process: string): Sandbox['fetch'];
}

/** @param sandbox its `log` tells what was handled */
export function watch(sandbox: Sandbox, now: () => number): Watch {
  const requests: TokenRequest[] = [];
  const subjectOf = ({ userId, grant }: Pick<TokenRequest, 'userId' | 'grant'>): string =>
    grant === 'client_credentials' ? 'the client' : `user ${userId}`;
  return {
    requests,
    fetchOf: (from) => async (input, init) => {
      if (!String(input).endsWith('/oauth/token')) return sandbox.fetch(input, init);
      const form = new URLSearchParams(String(init?.body));
      const refreshToken = form.get('refresh_token') ?? undefined;
      const asked = {
        grant: form.get('grant_type') ?? '',
        userId: (form.get('username') ?? (refreshToken && sandbox.tokens.find(refreshToken)?.userId))?.toLowerCase(),
      };
      const open = requests.filter((it) => it.outcome === undefined && subjectOf(it) === subjectOf(asked));
      const request: TokenRequest = {
        from,
        ...asked,
        refreshToken,
        password: form.get('password') ?? undefined,
        at: now(),
        outcome: undefined,
        granted: false,
        successor: undefined,
        beside: { process: open.filter((it) => it.from === from).length + 1, all: open.length + 1 },
      };
      requests.push(request);
      const issued = (): number => sandbox.tokens.list().length;
      const before = issued();
      try {
        const response = await sandbox.fetch(input, init);
        const body: unknown = await response
          .clone()
          .json()
          .catch(() => undefined);
        request.granted = response.status === 200;
        request.successor = (body as { refresh_token?: string } | undefined)?.refresh_token;
        request.outcome = response.status;
        return response;
      } catch (cause) {
        request.granted = issued() > before;
        request.outcome = 'lost';
        throw cause;
      }
    },
  };
}
