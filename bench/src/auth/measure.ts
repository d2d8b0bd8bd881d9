// One measurement of one candidate, in a process of its own. Prints figures by row as JSON: measure.ts <measurement> <candidate>
import { fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { cpuPerCall, heapUsed } from '../cost.ts';
import { type Adapter, type Candidate, clientSecret, type Session } from './candidates/candidate.ts';
import type { Figures, Measurement, Name } from './rows.ts';
import { startTokenServer } from './server.ts';
import { takeOverClocks } from './time.ts';

const [measurement, name] = process.argv.slice(2) as [Measurement, Name];

/** Loaded when wanted: the clocks may have to be taken over first. */
const adapters: Readonly<Record<Name, () => Promise<{ readonly adapter: Adapter }>>> = {
  ours: () => import('./candidates/ours.ts'),
  badgateway: () => import('./candidates/badgateway.ts'),
  'simple-oauth2': () => import('./candidates/simple-oauth2.ts'),
  'openid-client': () => import('./candidates/openid-client.ts'),
  oauth4webapi: () => import('./candidates/oauth4webapi.ts'),
  google: () => import('./candidates/google.ts'),
  msal: () => import('./candidates/msal.ts'),
};
const adapter = async (): Promise<Adapter> => (await adapters[name]()).adapter;

const measurements: Readonly<Record<Measurement, () => Promise<Figures>>> = {
  async cached() {
    const { server, candidate } = await opened();
    const { get, peek } = candidate;
    const token = await get();
    if (!token || token !== (await get()) || server.requests() !== 1) throw new Error('the token is not kept');
    const ofGet = await cpuPerCall(async (calls) => {
      for (let i = 0; i < calls; i++) await get();
    });
    const ofPeek =
      peek === undefined
        ? undefined
        : await cpuPerCall((calls) => {
            for (let i = 0; i < calls; i++) peek();
          });
    if (server.requests() !== 1) throw new Error('tokens were requested meanwhile');
    server.close();
    return { get: ofGet, ...(ofPeek === undefined ? {} : { peek: ofPeek }) };
  },

  async cold() {
    const { server, candidate } = await opened();
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => candidate.get()));
    if (new Set(tokens).size !== 1 || !tokens[0]) throw new Error('not everybody got the token');
    server.close();
    return { cold: server.requests() };
  },

  async echo() {
    const { advance } = takeOverClocks();
    const { server, candidate } = await opened();
    const token = await candidate.get();
    advance(3_570_000);
    const before = server.requests();
    for (let call = 0; call < 200; call++) {
      if ((await candidate.get()) !== token) throw new Error('another token, though this one has not ended');
      advance(25);
      await setImmediate();
    }
    // What was begun in the background counts.
    await setTimeout(200);
    server.close();
    return { echo: server.requests() - before };
  },

  async late() {
    const { server, candidate } = await opened();
    const { call } = candidate;
    if (call === undefined) throw new Error('it has no calls');
    await candidate.get();
    await call('/api/v1/banks');
    const before = server.requests();
    server.revoke();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => call('/api/v1/banks')));
    server.close();
    return { late: server.requests() - before, 'late-failed': outcomes.filter(({ status }) => status === 'rejected').length };
  },

  async redirect() {
    const other = await startTokenServer();
    const server = await startTokenServer({ redirectTo: other.url });
    const candidate = await (await adapter()).open(server);
    await candidate.get().catch(() => {});
    if (server.requests() === 0) throw new Error('nothing was requested');
    const seen = other.received();
    const basic = /"authorization":"Basic ([^"]+)"/.exec(seen)?.[1] ?? '';
    server.close();
    other.close();
    return { redirect: `${seen}${Buffer.from(basic, 'base64')}`.includes(clientSecret) ? 1 : 0 };
  },

  async flood() {
    const sockets: Socket[] = [];
    subscribe('net.client.socket', (message) => sockets.push((message as { socket: Socket }).socket));
    const child = fork(new URL('flood.ts', import.meta.url));
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error('the server ended')));
    });
    const candidate = await (await adapter()).open({ url });
    const before = process.resourceUsage().maxRSS;
    await candidate.get().catch(() => {});
    const grown = process.resourceUsage().maxRSS - before;
    const read = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    child.disconnect();
    if (read === 0) throw new Error('no byte was seen');
    return { flood: read / 1024, 'flood-memory': grown / 1024 };
  },

  async heap() {
    const { hold } = await adapter();
    return { heap: await heapPerUser(hold) };
  },

  async sources() {
    const { holdSources } = await adapter();
    return { 'heap-source': await heapPerUser(holdSources) };
  },
};

async function opened(): Promise<{ server: Awaited<ReturnType<typeof startTokenServer>>; candidate: Candidate }> {
  const server = await startTokenServer();
  return { server, candidate: await (await adapter()).open(server) };
}

const users = 100_000;

/** Heap bytes a user. */
async function heapPerUser(hold: Adapter['hold']): Promise<number> {
  if (hold === undefined) throw new Error('it holds no users');
  // A first one, so that code and what all share is not counted.
  let held = hold(sessions(10));
  const before = await heapUsed();
  held = hold(sessions(users));
  const bytes = ((await heapUsed()) - before) / users;
  // Read after the reading, so that it is there until then.
  if (held === undefined) throw new Error('nothing is held');
  return bytes;
}

/** Parsed one by one, as answers are: so their strings are flat. */
function* sessions(count: number): Generator<Session> {
  for (let user = 0; user < count; user++) {
    const number = String(user).padStart(12, '0');
    yield JSON.parse(
      `{"id":"user-${number}","access_token":"4f2c8e1a-7b3d-4c55-9a10-${number}","refresh_token":"9e1d7c3b-2a4f-4d66-8b21-${number}","expires_in":3600}`,
    );
  }
}

const figures = await measurements[measurement]();
// Connections that a peer keeps open keep no bench waiting.
process.stdout.write(JSON.stringify(figures), () => process.exit());
