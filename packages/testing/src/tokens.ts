// Tokens: issued by grant, the same again while valid, void before their time by revocation.
import type { Identity } from './api.js';
import type { Client } from './clients.js';
import type { User } from './users.js';

/** A token that the sandbox has issued. */
export interface Token {
  readonly token: string;
  readonly kind: 'access' | 'refresh';
  readonly identity: Identity;
  readonly clientId: string;
  readonly userId: string | undefined;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly issuedAt: number;
  /** Milliseconds since 1970; undefined for a token that never expires. */
  readonly expiresAt: number | undefined;
  /** Ended before its time: by revocation, lock, a new password, a new secret or rotation. */
  readonly void: boolean;
}

export interface Tokens {
  /** All that were ever issued, oldest first. */
  list(filter?: Partial<Pick<Token, 'kind' | 'identity' | 'clientId' | 'userId'>>): readonly Token[];
  find(token: string): Token | undefined;
  /** Neither expired nor void. */
  isValid(token: string): boolean;
  /** Ends a token before its time, and nothing else. */
  void(token: string): void;
}

/** What a grant has at the moment. */
export interface Issued {
  readonly access: Token;
  /** Only where the answer shows it. */
  readonly refresh?: Token;
}

interface Issue extends Token {
  void: boolean;
  readonly grant: Grant;
}

/** One login: its tokens end together when it is revoked. */
interface Grant {
  readonly client: string;
  readonly user: User | undefined;
  readonly tokens: Issue[];
}

export interface TokenStore extends Tokens {
  forClient(client: Client): Issued;
  forUser(client: Client, user: User): Issued;
  /** `undefined` where the refresh token does not hold for this client. */
  refresh(client: Client, token: string): Issued | undefined;
  /** How far a revocation reaches is for the hint to say. */
  revoke(clientId: string, token: string, hint: string | null): void;
  voidWhere(fits: (token: Token) => boolean): void;
}

export function createTokens(now: () => number): TokenStore {
  const all = new Map<string, Issue>();
  const grants = new Map<string, Grant>();

  const valid = (it: Issue | undefined): it is Issue =>
    it !== undefined && !it.void && (it.expiresAt === undefined || now() < it.expiresAt);

  function issue(grant: Grant, kind: Token['kind'], identity: Identity, lifeS: number): Issue {
    const text = `${kind === 'refresh' ? kind : identity}-${crypto.randomUUID()}-${crypto.randomUUID()}`;
    const issuedAt = now();
    const made: Issue = {
      token: text,
      kind,
      identity,
      clientId: grant.client,
      userId: grant.user?.id,
      issuedAt,
      expiresAt: lifeS === 0 ? undefined : issuedAt + lifeS * 1000,
      void: false,
      grant,
    };
    all.set(text, made);
    grant.tokens.push(made);
    return made;
  }

  /** The latest that holds, or else a new one. */
  function holding(grant: Grant, kind: Token['kind'], identity: Identity, lifeS: number): Issue {
    return grant.tokens.filter((it) => it.kind === kind && valid(it)).at(-1) ?? issue(grant, kind, identity, lifeS);
  }

  function grantOf(client: Client, user?: User): Grant {
    const key = JSON.stringify([client.clientId, user?.id.toLowerCase()]);
    let grant = grants.get(key);
    // With nothing left that holds, it is over; the next login is another.
    if (grant === undefined || !grant.tokens.some(valid)) {
      grant = { client: client.clientId, user, tokens: [] };
      grants.set(key, grant);
    }
    return grant;
  }

  return {
    list: (filter = {}) => {
      const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
      return [...all.values()].filter((it) => wanted.every(([name, value]) => sameText(it[name as keyof Token], value))).map(shown);
    },
    find(token) {
      const found = all.get(token);
      return found === undefined ? undefined : shown(found);
    },
    isValid: (token) => valid(all.get(token)),
    void(token) {
      const found = all.get(token);
      if (found === undefined) throw new Error('the sandbox has not issued this token');
      found.void = true;
    },
    forClient: (client) => ({ access: holding(grantOf(client), 'access', client.role, client.clientTokenLifeS) }),
    forUser(client, user) {
      const grant = grantOf(client, user);
      return {
        access: holding(grant, 'access', 'user', client.userTokenLifeS),
        refresh: holding(grant, 'refresh', 'user', client.refreshTokenLifeS),
      };
    },
    refresh(client, token) {
      const found = all.get(token);
      if (!valid(found) || found.kind !== 'refresh' || found.clientId !== client.clientId) return undefined;
      const access = issue(found.grant, 'access', 'user', client.userTokenLifeS);
      if (!client.rotateRefreshTokens) return { access };
      found.void = true;
      return { access, refresh: issue(found.grant, 'refresh', 'user', client.refreshTokenLifeS) };
    },
    revoke(clientId, token, hint) {
      const found = all.get(token);
      // Not known, or another client's: the answer is the same.
      if (found === undefined || found.clientId !== clientId) return;
      found.void = true;
      for (const it of found.grant.tokens) if (hint === null || (hint === 'refresh_token' && it.kind === 'access')) it.void = true;
    },
    voidWhere(fits) {
      for (const it of all.values()) if (fits(it)) it.void = true;
    },
  };
}

/** A copy without the grant, which is nobody's business. */
function shown({ grant: _, ...token }: Issue): Token {
  return token;
}

/** Equal but for case, which ids of users do not heed. */
const sameText = (one: unknown, other: unknown): boolean => String(one).toLowerCase() === String(other).toLowerCase();
