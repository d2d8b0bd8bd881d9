import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, createTestClock } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { webForm } from 'finapi-ts/web-form';
import { describe, expect, it, onTestFinished } from 'vitest';
import { forEachBounded } from '../src/worker/bounded.ts';
import { type JobOptions, type RequiredForm, runJob } from '../src/worker/job.ts';
import { openSeenFile } from '../src/worker/seen-file.ts';
import { played } from './clock.ts';
import { runToEnd, start } from './program.ts';

const patient = { timeout: 40_000 };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'finapi-worker-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** The job on a sandbox: alice has two bank connections with an account each, bob has one. */
async function jobOnSandbox() {
  const clock = createTestClock();
  const sandbox = createSandbox({
    clock,
    clients: [{ clientId: 'shop', clientSecret: 'secret' }],
    users: ['alice', 'bob'].map((id) => ({ id, password: `password-of-${id}` })),
    bankConnections: ['alice', 'alice', 'bob'].map((userId) => ({ userId, accounts: 1 })),
  });
  const finapi = createFinapi({
    environment: { access: sandbox.baseUrl, webForm: sandbox.baseUrl },
    clientId: 'shop',
    clientSecret: 'secret',
    apis: { access, webForm },
    users: { credentials: ({ userId }) => ({ password: `password-of-${userId}` }) },
    fetch: (url, init) => sandbox.fetch(url, init),
    retry: false,
    clock,
  });
  const state = await folder();
  const run = async (options: Partial<JobOptions> = {}) => {
    const lines: string[] = [];
    const forms: RequiredForm[] = [];
    const fresh: string[] = [];
    const ids: number[] = [];
    const job = runJob({
      finapi,
      userIds: ['alice', 'bob'],
      concurrency: 2,
      signal: new AbortController().signal,
      clock,
      openSeen: (userId) => openSeenFile(join(state, userId)),
      handOver: async (form) => void forms.push(form),
      onTransaction: async (userId, { id }) => {
        fresh.push(userId);
        ids.push(id);
      },
      log: (line) => lines.push(line),
      ...options,
    });
    const failures = await played(clock, job);
    return { failures, lines, forms, ids, fresh: fresh.sort() };
  };
  const connections = sandbox.bankConnections.list().map(({ id }) => id);
  return { sandbox, clock, run, connections };
}

const times = (count: number, userId: string): string[] => Array.from({ length: count }, () => userId);

describe('the worker', () => {
  it('updates all bank connections, and reads what is new', async () => {
    const { run, sandbox } = await jobOnSandbox();
    // Three of the import and one of the update, for each account.
    expect(await run()).toMatchObject({ failures: 0, forms: [], fresh: [...times(8, 'alice'), ...times(4, 'bob')] });
    expect(sandbox.bankConnections.list().map(({ updates }) => updates)).toEqual([2, 2, 2]);
  });

  it('reads nothing twice from run to run', async () => {
    const { run, clock } = await jobOnSandbox();
    const first = await run();
    await clock.advance(86_400_000);
    const second = await run();
    expect(second.fresh).toEqual([...times(2, 'alice'), 'bob']);
    expect(second.ids.filter((id) => first.ids.includes(id))).toEqual([]);
  });

  it('gives a transaction again whose handling failed', async () => {
    const { run } = await jobOnSandbox();
    const handled: number[] = [];
    const refused: number[] = [];
    const fails = run({
      userIds: ['bob'],
      onTransaction: async (_, { id }) => {
        if (handled.length === 2) {
          refused.push(id);
          throw new Error('the disk is full');
        }
        handled.push(id);
      },
    });
    await expect(fails).rejects.toThrow('the disk is full');
    const { ids } = await run({ userIds: ['bob'] });
    expect(ids[0]).toBe(refused[0]);
    // What was left of the first run, and what the second update brought.
    expect(ids).toHaveLength(3);
  });

  it('hands a form over to its user and keeps its address out of the log', async () => {
    const { run, sandbox, connections } = await jobOnSandbox();
    const [needy = 0] = connections;
    sandbox.bankConnections.configure(needy, { outcome: 'webFormRequired' });
    const { failures, forms, lines } = await run();
    const [form] = sandbox.webForms.list({ userId: 'alice' });
    expect(forms).toEqual([{ userId: 'alice', bankConnectionId: needy, url: form?.url }]);
    expect(lines).toContain(`alice, bank connection ${needy}: WEB_FORM_REQUIRED`);
    expect(lines.join()).not.toContain(form?.id);
    expect(failures).toBe(0);
  });

  it('lets one that fails hold up no other', async () => {
    const { run, sandbox, connections } = await jobOnSandbox();
    const [refusing = 0] = connections;
    sandbox.bankConnections.configure(refusing, { outcome: 'error' });
    sandbox.users.lock('bob');
    const { failures, fresh, lines } = await run();
    expect(lines).toContain(`alice, bank connection ${refusing}: COMPLETED_WITH_ERROR BANK_SERVER_REJECTION`);
    // Bob's connections cannot be listed, nor his transactions read.
    expect(lines.filter((line) => line.startsWith('bob: '))).toHaveLength(2);
    expect(failures).toBe(3);
    expect(fresh).toEqual(times(7, 'alice'));
  });

  it('updates no more at a time than it may', async () => {
    const { run } = await jobOnSandbox();
    let running = 0;
    let most = 0;
    const log = (line: string): void => {
      running += line.endsWith(': update') ? 1 : -1;
      most = Math.max(most, running);
    };
    await run({ log });
    expect(most).toBe(2);
    await run({ log, concurrency: 1 });
    expect(running).toBe(0);
  });

  it('ends with the reason of its signal and starts nothing more', async () => {
    const { run, sandbox } = await jobOnSandbox();
    const controller = new AbortController();
    const reason = new Error('enough');
    const log = (line: string): void => {
      if (line.endsWith('COMPLETED')) controller.abort(reason);
    };
    await expect(run({ concurrency: 1, signal: controller.signal, log })).rejects.toBe(reason);
    const operations = sandbox.log.map(({ operationId }) => operationId);
    expect(operations.filter((it) => it === 'createBankConnectionUpdateTask')).toHaveLength(1);
    expect(operations).not.toContain('getAndSearchAllTransactions');
  });
});

describe('jobs with a bound', () => {
  it('are all done before a failure of one is told', async () => {
    const done: number[] = [];
    const jobs = forEachBounded([1, 2, 3], 2, new AbortController().signal, async (item) => {
      if (item === 1) throw new Error('one');
      done.push(item);
    });
    await expect(jobs).rejects.toThrow('one');
    expect(done).toEqual([2, 3]);
  });
});

describe('the file of what was seen', () => {
  it('remembers ids and the last run, for nobody else to read', async () => {
    const path = join(await folder(), 'alice');
    const first = await openSeenFile(path);
    expect([first.lastRun, first.has(7)]).toEqual([undefined, false]);
    await first.add(7);
    await first.ended('2026-03-30');
    await first.ended('2026-03-31');
    const second = await openSeenFile(path);
    expect([second.lastRun, second.has(7), second.has(8)]).toEqual(['2026-03-31', true, false]);
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('forgets a line that a crash cut off', async () => {
    const path = join(await folder(), 'alice');
    await appendFile(path, '70001\n7000');
    const seen = await openSeenFile(path);
    expect([seen.has(70001), seen.has(7000)]).toEqual([true, false]);
    await seen.add(70002);
    expect((await openSeenFile(path)).has(70002)).toBe(true);
  });

  it('is an error where it cannot be read', async () => {
    await expect(openSeenFile(await folder())).rejects.toThrow('EISDIR');
  });
});

describe('the program', patient, () => {
  it('runs by itself', async () => {
    const state = await folder();
    const { code, stdout, stderr } = await runToEnd('worker', { WORKER_FOLDER: state });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^alice, bank connection \d+: WEB_FORM_REQUIRED$/m);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).userId)
        .sort(),
    ).toEqual([...times(11, 'alice'), ...times(4, 'bob')]);
    expect(JSON.parse(await readFile(join(state, 'forms.jsonl'), 'utf8'))).toMatchObject({ userId: 'alice' });
  });

  it('ends with SIGTERM while updates are under way', async () => {
    // A clock that stands: the update would never end.
    const sandbox = createSandbox({
      clock: createTestClock(),
      clients: [{ clientId: 'shop', clientSecret: 'secret' }],
      users: [{ id: 'alice', password: 'canary-password' }],
      bankConnections: [{ userId: 'alice' }],
    });
    await using server = await startServer(sandbox);
    const program = start('worker', {
      WORKER_FOLDER: await folder(),
      FINAPI_CLIENT_ID: 'shop',
      FINAPI_CLIENT_SECRET: 'secret',
      FINAPI_USER_ID: 'alice',
      FINAPI_USER_PASSWORD: 'canary-password',
      FINAPI_BASE_URL: server.url,
      FINAPI_WEB_FORM_URL: server.url,
    });
    await program.says(': update\n');
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/: update\nerror: stopped by SIGTERM\n$/),
    });
  });
});
