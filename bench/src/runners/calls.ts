// Times calls over an in-memory fetch: bare, through the client, openapi-fetch, hey-api and orval. Prints microseconds a call as
// JSON: calls.ts <URLs of the code that the latter two generated>
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import createPathClient from 'openapi-fetch';
import { answers } from '../answers.ts';
import { interleave, quarter } from '../statistics.ts';

const baseUrl = 'https://sandbox.finapi.io';
const token = 'f00dcafe'.repeat(16);
const agent = 'bench/1.0';
const secrets = {
  grant_type: 'client_credentials',
  client_id: '6f6c1d52-9f3e-4a57-8c55-0d9f4f2a7b11',
  client_secret: '0a4b7c1e-52a1-4c55-b7d7-6f2f8f5f9a33',
} as const;

/** Answers at once, whatever was asked. Each case has its own, so that finding the answer costs nobody anything. */
const answering = (text: string) => async (): Promise<Response> =>
  new Response(text, { status: 200, headers: { 'content-type': 'application/json', 'x-request-id': 'bench' } });
const fetches = { account: answering(answers.account), label: answering(answers.label), accessToken: answering(answers.accessToken) };
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type Call = () => Promise<unknown>;
type Names = 'account' | 'label' | 'accessToken';
const id = 4711023;

function bare(fetch: Fetch): Record<Names, Call> {
  const headers = () => ({ accept: 'application/json', 'user-agent': agent, 'x-request-id': crypto.randomUUID() });
  const bearer = () => ({ ...headers(), authorization: `Bearer ${token}` });
  return {
    account: async () => (await fetch(`${baseUrl}/api/v1/accounts/${encodeURIComponent(id)}`, { method: 'GET', headers: bearer() })).json(),
    label: async () =>
      (
        await fetch(`${baseUrl}/api/v1/labels`, {
          method: 'POST',
          headers: { ...bearer(), 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'Rent' }),
        })
      ).json(),
    accessToken: async () =>
      (
        await fetch(`${baseUrl}/oauth/token`, {
          method: 'POST',
          headers: { ...headers(), 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(secrets).toString(),
        })
      ).json(),
  };
}

function ours(fetch: Fetch) {
  const finapi = createAccessV1({ baseUrl, fetch, userAgent: agent });
  const user = { identity: 'user', token } as const;
  const alice = finapi.as(user);
  return {
    account: () => alice.accounts.getAccount({ id }),
    accountAs: () => finapi.as(user).accounts.getAccount({ id }),
    label: () => alice.labels.createLabel({ name: 'Rent' }),
    accessToken: () => finapi.authorization.getToken(secrets),
  } satisfies Record<string, Call>;
}

function openapiFetch(fetch: Fetch): Record<Names, Call> {
  type Loose = Record<'GET' | 'POST', (path: string, init: object) => Promise<{ data?: unknown }>>;
  const paths = createPathClient({
    baseUrl,
    fetch: fetch as unknown as (input: Request) => Promise<Response>,
    headers: { accept: 'application/json', 'user-agent': agent },
  }) as unknown as Loose;
  const headers = () => ({ 'x-request-id': crypto.randomUUID(), authorization: `Bearer ${token}` });
  return {
    account: async () => (await paths.GET('/api/v1/accounts/{id}', { params: { path: { id } }, headers: headers() })).data,
    label: async () => (await paths.POST('/api/v1/labels', { body: { name: 'Rent' }, headers: headers() })).data,
    accessToken: async () =>
      (
        await paths.POST('/oauth/token', {
          body: secrets,
          headers: { 'x-request-id': crypto.randomUUID(), 'content-type': 'application/x-www-form-urlencoded' },
          bodySerializer: (body: Record<string, string>) => new URLSearchParams(body).toString(),
        })
      ).data,
  };
}

interface Generated {
  readonly setConfig: (config: object) => void;
  readonly heyApi: Readonly<Record<string, (options: object) => Promise<{ data?: unknown }>>>;
  readonly orval: Readonly<Record<string, (...args: unknown[]) => Promise<{ data: unknown }>>>;
}

async function generated(): Promise<Generated> {
  const urls = JSON.parse(process.argv[2] ?? '') as Record<'heyApi' | 'heyApiClient' | 'orval', string>;
  const [heyApi, { client }, orval] = await Promise.all([import(urls.heyApi), import(urls.heyApiClient), import(urls.orval)]);
  return { heyApi, setConfig: client.setConfig, orval };
}

/** hey-api's functions share one client, so this holds until the next call of it. */
function heyApi({ heyApi, setConfig }: Generated, fetch: Fetch): Record<Names, Call> {
  setConfig({ baseUrl, fetch, auth: () => token, headers: { accept: 'application/json', 'user-agent': agent } });
  const headers = () => ({ 'x-request-id': crypto.randomUUID() });
  return {
    account: async () => (await heyApi['getAccount']?.({ path: { id }, headers: headers() }))?.data,
    label: async () => (await heyApi['createLabel']?.({ body: { name: 'Rent' }, headers: headers() }))?.data,
    accessToken: async () => (await heyApi['getToken']?.({ body: secrets, headers: headers() }))?.data,
  };
}

/** orval's functions call the global fetch; nothing else here does. */
function orval({ orval }: Generated, fetch: Fetch): Record<Names, Call> {
  globalThis.fetch = fetch as typeof globalThis.fetch;
  const headers = () => ({ accept: 'application/json', 'user-agent': agent, 'x-request-id': crypto.randomUUID() });
  const bearer = () => ({ headers: { ...headers(), authorization: `Bearer ${token}` } });
  return {
    account: async () => (await orval['getAccount']?.(id, bearer()))?.data,
    label: async () => (await orval['createLabel']?.({ name: 'Rent' }, bearer()))?.data,
    accessToken: async () => (await orval['getToken']?.(secrets, { headers: headers() }))?.data,
  };
}

/** So few that most slices are not interrupted by other work of the machine. */
const calls = 50;

/** Microseconds a call, one after the other. */
const timed = (call: Call) => async (): Promise<number> => {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return ((performance.now() - start) * 1000) / calls;
};

const peers = await generated();

async function compare(name: Names, more: Record<string, Call> = {}): Promise<Record<string, number>> {
  const all: Record<string, Call> = {
    bare: bare(fetches[name])[name],
    ours: ours(fetches[name])[name],
    openapiFetch: openapiFetch(fetches[name])[name],
    heyApi: heyApi(peers, fetches[name])[name],
    orval: orval(peers, fetches[name])[name],
    ...more,
  };
  const expected = JSON.stringify(await all.bare?.());
  for (const [candidate, call] of Object.entries(all))
    if (JSON.stringify(await call()) !== expected) throw new Error(`${candidate} read something else for ${name}`);
  const candidates = Object.fromEntries(Object.entries(all).map(([candidate, call]) => [candidate, timed(call)]));
  await interleave(100, candidates);
  return interleave(500, candidates, quarter);
}

process.stdout.write(
  JSON.stringify({
    get: await compare('account', { as: ours(fetches.account).accountAs }),
    json: await compare('label'),
    form: await compare('accessToken'),
  }),
);
