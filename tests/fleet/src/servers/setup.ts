// Before all tests: the servers that the environment names, or one of each that ends with the run.
import type { TestProject } from 'vitest/node';
import { prepareTemplate, startPostgres } from './postgres.ts';
import { postgresPrograms, redisProgram } from './programs.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there is none. */
    redisUrl: string | null;
    databaseUrl: string | null;
    /** Whether tests can start servers of their own. */
    ownRedis: boolean;
    ownPostgres: boolean;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  // Both at once; where one fails, the other is ended too.
  const outcomes = await Promise.allSettled([redis(started), postgres(started)]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const [redisUrl, databaseUrl] = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  project.provide('redisUrl', redisUrl?.url ?? null);
  project.provide('databaseUrl', databaseUrl?.url ?? null);
  project.provide('ownRedis', redisUrl?.own ?? false);
  project.provide('ownPostgres', databaseUrl?.own ?? false);
  const kept = started.move();
  return () => kept.disposeAsync();
}

interface Had {
  readonly url: string | undefined;
  readonly own: boolean;
}

async function redis(started: AsyncDisposableStack): Promise<Had> {
  const url = process.env['REDIS_URL'] || undefined;
  if ((await redisProgram()) !== undefined) return { url: url ?? started.use(await startRedis()).url, own: true };
  notRun('Redis', 'no redis-server: apt-get install redis-server', url === undefined ? 'REDIS_URL' : undefined);
  return { url, own: false };
}

async function postgres(started: AsyncDisposableStack): Promise<Had> {
  const url = process.env['DATABASE_URL'] || undefined;
  if ((await postgresPrograms()) !== undefined) {
    started.use(await prepareTemplate());
    return { url: url ?? started.use(await startPostgres()).url, own: true };
  }
  notRun('PostgreSQL', 'no initdb and postgres: apt-get install postgresql', url === undefined ? 'DATABASE_URL' : undefined);
  return { url, own: false };
}

/** Said loudly; in CI a failure. Where the environment names a server, only tests with servers of their own are left out. */
function notRun(name: string, reason: string, setting: string | undefined): void {
  const message =
    setting === undefined
      ? `NOT RUN: tests that start and end a ${name} of their own, ${reason}`
      : `NOT RUN: tests over ${name}, ${reason}, or set ${setting}`;
  process.stderr.write(`\n${message}\n\n`);
  if (process.env['CI']) throw new Error(message);
}
