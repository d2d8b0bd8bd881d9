// The servers that tests run against: they answer, they fail as they are told to, and nothing is left of them.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { databaseUrl, needs, ownServers, redisUrl } from '../src/servers/available.ts';
import { startPostgres, templateVariable } from '../src/servers/postgres.ts';
import { type NetworkProxy, startProxy } from '../src/servers/proxy.ts';
import { startRedis } from '../src/servers/redis.ts';

/** Deadlines, not expectations. */
const within = { timeout: 20_000, interval: 20 };

describe.concurrent('the servers of the run', () => {
  needs('redis')('in Redis', () => {
    it('answer', async () => {
      await using redis = redisAt(redisUrl());
      expect(await redis.client.ping()).toBe('PONG');
    });
  });

  needs('postgres')('in PostgreSQL', () => {
    it('answer', async () => {
      await using postgres = await postgresAt(databaseUrl());
      expect(await postgres.rows('select 1 as one')).toEqual([{ one: 1 }]);
    });
  });
});

ownServers('redis').concurrent('a Redis', () => {
  it('loses its keys over a restart', async () => {
    await using server = await startRedis();
    await put(server.url, 'kept', 'yes');
    const { pid } = server;
    await server.restart();
    expect(await get(server.url, 'kept')).toBeNull();
    expect(server.pid).not.toBe(pid);
  });

  it('that is durable keeps them', async () => {
    await using server = await startRedis({ durable: true });
    await put(server.url, 'kept', 'yes');
    await server.restart();
    expect(await get(server.url, 'kept')).toBe('yes');
    await server.flush();
    expect(await get(server.url, 'kept')).toBeNull();
  });

  it('stays down until it is started', async () => {
    await using server = await startRedis();
    await server.kill();
    await expect(get(server.url, 'key')).rejects.toMatchObject({ message: expect.stringMatching(/closed|ECONNREFUSED/) });
    await server.start();
    expect(await get(server.url, 'key')).toBeNull();
  });

  it('that pauses keeps its connections and does not answer', async () => {
    await using server = await startRedis();
    await using redis = redisAt(server.url, { commandTimeout: 2000 });
    await redis.client.ping();
    await server.pause();
    await expect(redis.client.ping()).rejects.toThrow('timed out');
    await server.resume();
    await vi.waitFor(() => redis.client.ping(), within);
    await server.pause();
  });

  it('in cluster mode has every slot and keeps keys of several apart', async () => {
    await using server = await startRedis({ cluster: true });
    await using redis = redisAt(server.url);
    await redis.client.mset('{alice}1', 'a', '{alice}2', 'b');
    await expect(redis.client.mset('alice', 'a', 'bob', 'b')).rejects.toThrow('CROSSSLOT');
  });
});

ownServers('postgres').concurrent('a PostgreSQL', () => {
  it('keeps its rows over a restart', async () => {
    await using server = await startPostgres();
    await table(server.url);
    const { pid } = server;
    // A connection that is busy does not hold it up.
    await using busy = await postgresAt(server.url);
    const ended = busy.rows('select pg_sleep(600)').then(
      () => 'it went on',
      (cause: unknown) => cause,
    );
    await server.restart();
    expect(await ended).toBeInstanceOf(Error);
    expect(await rowsOf(server.url)).toEqual([{ name: 'alice' }]);
    expect(server.pid).not.toBe(pid);
    await server.truncate('users');
    expect(await rowsOf(server.url)).toEqual([]);
  });

  it('stays down until it is started', async () => {
    await using server = await startPostgres();
    await table(server.url);
    await server.kill();
    await expect(rowsOf(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.start();
    expect(await rowsOf(server.url)).toEqual([{ name: 'alice' }]);
  });

  it('that pauses keeps its connections and does not answer', async () => {
    await using server = await startPostgres();
    const postgres = await postgresAt(server.url);
    await server.pause();
    await expect(postgres.client.query({ text: 'select 1', query_timeout: 2000 } as never)).rejects.toThrow('timeout');
    await server.resume();
    expect(await postgres.rows('select 2 as two')).toEqual([{ two: 2 }]);
    await postgres[Symbol.asyncDispose]();
    // One that pauses ends too.
    await server.pause();
  });
});

ownServers('redis', 'postgres').concurrent('servers end, with their folders,', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('when %s ends who started them', async (signal) => {
    const child = spawn(process.execPath, [childAt('start.ts')], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const servers = await serversOf(child.stdout);
    expect(servers.flatMap(({ pids }) => pids).filter((pid) => !lives(pid))).toEqual([]);
    // To its whole group, as a terminal does.
    if (child.pid !== undefined) process.kill(-child.pid, signal);
    await exited;
    await gone(servers);
  });

  it('when who started them has nothing more to do', async () => {
    const child = spawn(process.execPath, [childAt('leave.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const servers = await serversOf(child.stdout);
    expect(await exited).toEqual([0, null]);
    await gone(servers);
  });

  it('when they are disposed of', async () => {
    const server = await startRedis();
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    expect([existsSync(server.folder), lives(server.pid), lives(server.guardianPid)]).toEqual([false, false, false]);
    await expect(server.start()).rejects.toThrow('redis: it has ended');
  });

  it('when one ends by itself, which the next order says', async () => {
    await using server = await startRedis();
    process.kill(server.pid, 'SIGTERM');
    await gone([{ pids: [server.pid, server.guardianPid], folder: server.folder }]);
    await expect(server.pause()).rejects.toThrow(/by itself \(code 0\)[\s\S]*bye bye/);
  });
});

describe.concurrent('the proxy', () => {
  it('passes bytes both ways and counts them', async () => {
    await using echo = await startEcho();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    await client.say('four');
    await client.hear('four');
    expect(proxy).toMatchObject({ connections: 1, open: 1, bytesUp: 4, bytesDown: 4, roundTrips: 1, held: 0 });
    client.socket.end();
    await vi.waitFor(() => expect(proxy.open).toBe(0), within);
  });

  it('resets connections and refuses new ones where it is cut, until it is mended', async () => {
    await using echo = await startEcho();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    await client.say('one');
    await client.hear('one');
    const failed = once(client.socket, 'error');
    await proxy.cut();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await expect(connect(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.mend();
    await using another = await connect(proxy);
    await another.say('two');
    await another.hear('two');
  });

  it('leaves no connection where it is cut just when one has ended', async () => {
    await using echo = await startEcho();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    await client.say('one');
    await client.hear('one');
    // Arrives in the same turn as the end that the proxy passes on.
    const word = createServer((socket) => socket.once('data', () => void proxy.cut())).listen(0, '127.0.0.1');
    await once(word, 'listening');
    await using beside = await connect({ host: '127.0.0.1', port: (word.address() as AddressInfo).port });
    word.close();
    client.socket.end();
    await beside.say('cut');
    await vi.waitFor(() => expect(proxy.open).toBe(0), within);
  });

  it('holds everything back where it is stalled, and lets it through once mended', async () => {
    await using echo = await startEcho();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    await client.say('one');
    await client.hear('one');
    proxy.stall();
    await client.say('two');
    await using late = await connect(proxy);
    await late.say('three');
    await vi.waitFor(() => expect(proxy.held).toBe(8), within);
    expect([echo.heard(), proxy.bytesUp, proxy.open]).toEqual(['one', 3, 2]);
    await proxy.mend();
    await Promise.all([client.hear('onetwo'), late.hear('three')]);
    expect(proxy.held).toBe(0);
  });

  it('makes each way take as long as it is told', async () => {
    const waits: { readonly ms: number; readonly end: () => void }[] = [];
    const later = (ms: number): Promise<void> => new Promise((end) => waits.push({ ms, end }));
    await using echo = await startEcho();
    await using proxy = await startProxy(echo, { later });
    await using client = await connect(proxy);
    proxy.delayMs = 40;
    for (const text of ['', 'one']) {
      if (text === '') await client.say('one');
      await vi.waitFor(() => expect(waits).toHaveLength(1), within);
      expect([waits[0]?.ms, proxy.held, echo.heard()]).toEqual([40, 3, text]);
      waits.shift()?.end();
    }
    await client.hear('one');
  });

  it('waits by itself, and keeps the order', async () => {
    await using echo = await startEcho();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    proxy.delayMs = 30;
    await client.say('one ');
    await vi.waitFor(() => expect(proxy.held).toBe(4), within);
    proxy.delayMs = 0;
    await client.say('two');
    await client.hear('one two');
  });

  it('resets the connection of a client where the server refuses one', async () => {
    const echo = await startEcho();
    await echo[Symbol.asyncDispose]();
    await using proxy = await startProxy(echo);
    await using client = await connect(proxy);
    expect(await once(client.socket, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});

ownServers('redis', 'postgres').concurrent('round trips', () => {
  it('of Redis are one a command, and one a pipeline', async () => {
    await using server = await startRedis();
    await using proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    await using redis = redisAt(`redis://127.0.0.1:${proxy.port}`);
    await redis.client.ping();
    expect(await tripsOf(proxy, () => redis.client.set('a', '1'))).toBe(1);
    expect(await tripsOf(proxy, () => redis.client.pipeline().get('a').get('b').get('c').exec())).toBe(1);
    expect(
      await tripsOf(proxy, async () => {
        await redis.client.get('a');
        await redis.client.get('b');
      }),
    ).toBe(2);
  });

  it('of PostgreSQL are one a statement', async () => {
    await using server = await startPostgres();
    await using proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    await using postgres = await postgresAt(`postgres://postgres@127.0.0.1:${proxy.port}/postgres`);
    expect(await tripsOf(proxy, () => postgres.client.query('select $1::text', ['a']))).toBe(1);
  });
});

describe.concurrent('a run without the programs', () => {
  const url = { REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1' };
  const nothing = { redisUrl: null, ownRedis: false };

  it('says what did not run, and how to have it', async () => {
    const { provided, stderr } = await setUpWith({ DATABASE_URL: url.DATABASE_URL });
    expect(stderr).toContain('NOT RUN: tests over Redis, no redis-server: apt-get install redis-server, or set REDIS_URL\n');
    expect(provided).toMatchObject({ ...nothing, databaseUrl: url.DATABASE_URL });
  });

  it('says so of servers of their own even where the environment names one', async () => {
    const { provided, stderr } = await setUpWith(url);
    expect(stderr).toContain('NOT RUN: tests that start and end a Redis of their own, no redis-server: apt-get install redis-server\n');
    expect(provided).toMatchObject({ redisUrl: url.REDIS_URL, ownRedis: false });
  });

  it('fails in CI', async () => {
    const { provided } = await setUpWith({ DATABASE_URL: url.DATABASE_URL, CI: 'true' });
    expect(provided).toEqual({ error: expect.stringMatching(/^NOT RUN: tests over Redis, no redis-server/) });
  });
});

const childAt = (name: string): string => fileURLToPath(new URL(`children/${name}`, import.meta.url));

/** With nothing on the PATH; Debian's PostgreSQL is found all the same. */
async function setUpWith(env: Readonly<Record<string, string>>): Promise<{ provided: Record<string, unknown>; stderr: string }> {
  const options = { env: { PATH: '', NO_INSTALL: '1', [templateVariable]: process.env[templateVariable], ...env } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [childAt('setup.ts')], options);
  return { provided: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

interface Started {
  readonly pids: readonly number[];
  readonly folder: string;
}

async function serversOf(stdout: NodeJS.ReadableStream): Promise<readonly Started[]> {
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  return JSON.parse(line) as Started[];
}

async function gone(servers: readonly Started[]): Promise<void> {
  const left = (): unknown[] => [
    ...servers.flatMap(({ pids }) => pids).filter(lives),
    ...servers.map(({ folder }) => folder).filter((folder) => existsSync(folder)),
  ];
  await vi.waitFor(() => expect(left()).toEqual([]), within);
}

/** Whether a process runs; one that has ended and is still listed does not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

function redisAt(url: string, options: { commandTimeout?: number } = {}) {
  const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null, ...options });
  client.on('error', () => {});
  return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
}

async function put(url: string, key: string, value: string): Promise<void> {
  await using redis = redisAt(url);
  await redis.client.set(key, value);
}

async function get(url: string, key: string): Promise<string | null> {
  await using redis = redisAt(url);
  return await redis.client.get(key);
}

async function postgresAt(url: string) {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return {
    client,
    rows: async (sql: string) => (await client.query(sql)).rows as unknown[],
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function table(url: string): Promise<void> {
  await using postgres = await postgresAt(url);
  await postgres.rows(`create table users (name text); insert into users values ('alice')`);
}

async function rowsOf(url: string): Promise<unknown[]> {
  await using postgres = await postgresAt(url);
  return await postgres.rows('select name from users');
}

/** How many round trips it takes. */
async function tripsOf(proxy: NetworkProxy, act: () => Promise<unknown>): Promise<number> {
  const before = proxy.roundTrips;
  await act();
  return proxy.roundTrips - before;
}

/** Says what it hears. */
async function startEcho() {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (chunk) => {
      heard += chunk;
      socket.write(chunk);
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    host: '127.0.0.1',
    port,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function connect({ host, port }: { readonly host: string; readonly port: number }) {
  const socket = createConnection({ host, port, noDelay: true });
  await once(socket, 'connect');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  return {
    socket,
    say: (text: string) => new Promise<void>((resolve) => socket.write(text, () => resolve())),
    hear: (text: string) => vi.waitFor(() => expect(heard).toBe(text), within),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
