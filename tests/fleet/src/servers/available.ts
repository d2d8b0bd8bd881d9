// For tests: the servers of this run, and what to skip where there are none.
import { describe, inject } from 'vitest';
import './setup.ts';

export type Kind = 'redis' | 'postgres';

/** `needs('redis')('title', …)` is `describe` where the run has such a server, and skips otherwise; the run has said so. */
export const needs = (...kinds: readonly Kind[]): ReturnType<typeof describe.skipIf> =>
  describe.skipIf(kinds.some((kind) => inject(kind === 'redis' ? 'redisUrl' : 'databaseUrl') === null));

/** The same for tests that start, end and restart servers of their own, which no `REDIS_URL` is enough for. */
export const ownServers = (...kinds: readonly Kind[]): ReturnType<typeof describe.skipIf> =>
  describe.skipIf(kinds.some((kind) => !inject(kind === 'redis' ? 'ownRedis' : 'ownPostgres')));

/** One Redis for the whole run: keep to keys of your own. */
export const redisUrl = (): string => had(inject('redisUrl'), 'Redis');

/** One database for the whole run: keep to tables of your own. */
export const databaseUrl = (): string => had(inject('databaseUrl'), 'PostgreSQL');

function had(url: string | null, name: string): string {
  if (url === null) throw new Error(`this run has no ${name}; such tests stand in needs(…)`);
  return url;
}
