// The store in a folder: closed to others, whole after whatever happens, and one writer at a time among processes.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileStore } from '@finapi-ts/auth-helpers/stores/file';
import { describe, expect, it, vi } from 'vitest';

/** A place of its own, gone after the test. */
async function place(): Promise<{ folder: string; parent: string } & AsyncDisposable> {
  const parent = await mkdtemp(join(tmpdir(), 'finapi-ts-file-'));
  return { parent, folder: join(parent, 'tokens'), [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

/** For what happens by itself, on a machine however busy. */
const patience = { timeout: 30_000 };
const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const modeOf = async (path: string): Promise<string> => ((await lstat(path)).mode & 0o777).toString(8);

describe.concurrent('23: A folder of tokens', () => {
  it('is made for its owner alone, and so are its files', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    await store.set('key', 'value');
    const lease = await store.lease?.('key', { ttlMs: 60_000 });
    expect(await modeOf(it.folder)).toBe('700');
    expect(await readdir(it.folder)).toEqual([nameOf('key'), `${nameOf('key')}.lease`]);
    for (const name of await readdir(it.folder)) expect(await modeOf(join(it.folder, name))).toBe('600');
    await lease?.release();
    expect(await readdir(it.folder)).toEqual([nameOf('key')]);
  });

  it('that others can read is an error which says what to do', async () => {
    await using it = await place();
    await mkdir(it.folder, { mode: 0o755 });
    await chmod(it.folder, 0o755);
    await expect(fileStore(it.folder).set('key', 'value')).rejects.toThrow(
      `${it.folder} must be a folder of this user, closed to others (chmod go=)`,
    );
    expect(await readdir(it.folder)).toEqual([]);
    await chmod(it.folder, 0o700);
    await expect(fileStore(it.folder).set('key', 'value')).resolves.toBeTypeOf('string');
  });

  it.skipIf(process.getuid?.() !== 0)('that belongs to another user is an error', async () => {
    await using it = await place();
    await mkdir(it.folder, { mode: 0o700 });
    await chown(it.folder, 65_534, 65_534);
    await expect(fileStore(it.folder).set('key', 'value')).rejects.toThrow('of this user');
  });

  it('that is a link is refused, with a slash behind it as well', async () => {
    await using it = await place();
    await mkdir(join(it.parent, 'elsewhere'), { mode: 0o700 });
    await symlink(join(it.parent, 'elsewhere'), it.folder);
    for (const path of [it.folder, `${it.folder}/`]) await expect(fileStore(path).set('key', 'value')).rejects.toThrow('no link');
    expect(await readdir(join(it.parent, 'elsewhere'))).toEqual([]);
  });

  it('that is a file is an error', async () => {
    await using it = await place();
    await writeFile(it.folder, '');
    await expect(fileStore(it.folder).set('key', 'value')).rejects.toThrow();
  });

  it('is not looked for where the path is none', () => {
    expect(() => fileStore('')).toThrow(TypeError);
    expect(() => fileStore(undefined as unknown as string)).toThrow(TypeError);
  });
});

describe.concurrent('23: A file of tokens', () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"key":"key","value":"se'],
    ['a text', '"secret"'],
    ['null', 'null'],
    ['of another key', JSON.stringify({ key: 'other', value: 'secret', version: '1', endsAt: null })],
    ['without a value', JSON.stringify({ key: 'key', version: '1', endsAt: null })],
    ['with an end that is none', JSON.stringify({ key: 'key', value: 'secret', version: '1', endsAt: 'soon' })],
  ])('that is damaged is an error that names it and not what is in it: %s', async (_, content) => {
    await using it = await place();
    const store = fileStore(it.folder);
    await store.set('key', 'value');
    const path = join(it.folder, nameOf('key'));
    await writeFile(path, content);
    for (const call of [() => store.get('key'), () => store.set('key', 'new', { ifVersion: null }), () => store.delete('key')]) {
      const cause = await call().then(
        () => undefined,
        (cause: unknown) => cause as Error,
      );
      expect(cause?.message).toBe(`${path} is damaged: it is not what a token store writes; remove it`);
      expect(JSON.stringify([cause, cause?.stack])).not.toContain('secret');
    }
    expect(await readFile(path, 'utf8')).toBe(content);
    await rm(path);
    await expect(store.set('key', 'new', { ifVersion: null })).resolves.toBeTypeOf('string');
  });

  it('that is a link is refused, and what it leads to is not touched', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    const version = await store.set('key', 'value');
    const path = join(it.folder, nameOf('key'));
    const elsewhere = join(it.parent, 'elsewhere');
    await rename(path, elsewhere);
    await symlink(elsewhere, path);
    await expect(store.get('key')).rejects.toThrow('no link');
    await expect(store.set('key', 'new', { ifVersion: version })).rejects.toThrow('no link');
    expect(await readFile(elsewhere, 'utf8')).toContain('"value":"value"');
  });

  it('that others can read is an error', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    await store.set('key', 'value');
    await chmod(join(it.folder, nameOf('key')), 0o644);
    await expect(store.get('key')).rejects.toThrow('chmod go=');
  });

  it('is there after a restart', async () => {
    await using it = await place();
    const version = await fileStore(it.folder).set('key', 'value');
    expect(await fileStore(it.folder).get('key')).toMatchObject({ value: 'value', version });
  });

  it('that has ended is removed in time, with what died half-written', async () => {
    await using it = await place();
    await fileStore(it.folder).set('short', 'value', { ttlMs: 1 });
    await (await fileStore(it.folder).lease?.('short', { ttlMs: 1 }))?.renew();
    const leftover = join(it.folder, `${nameOf('dead')}.1.tmp`);
    await mkdir(join(leftover, '1'), { recursive: true, mode: 0o700 });
    await utimes(leftover, 0, 0);
    // The first write of a process has a look at the folder.
    await fileStore(it.folder).set('long', 'value', { ttlMs: 600_000 });
    await vi.waitFor(async () => expect(await readdir(it.folder)).toEqual([nameOf('long')]), patience);
  });

  it('that has ended is removed though others cannot be looked at, as where they vanish meanwhile', async () => {
    await using it = await place();
    const before = fileStore(it.folder);
    for (let at = 0; at < 5; at++) await before.set(`short ${at}`, 'value', { ttlMs: 1 });
    const vanished = Array.from({ length: 20 }, (_, at) => `${nameOf('gone')}.${at}.tmp`);
    for (const name of vanished) await symlink('nowhere', join(it.folder, name));
    await fileStore(it.folder).set('long', 'value', { ttlMs: 600_000 });
    await vi.waitFor(async () => {
      const names = await readdir(it.folder);
      expect(names.filter((name) => !vanished.includes(name))).toEqual([nameOf('long')]);
    }, patience);
  });
});

describe.concurrent('23: A lock in a folder of tokens', () => {
  const stale = async (folder: string, ageMs: number): Promise<string> => {
    const lock = join(folder, `${nameOf('key')}.lock`);
    await mkdir(join(lock, 'theirs'), { recursive: true, mode: 0o700 });
    await writeFile(join(lock, 'theirs', 'new'), 'late', { mode: 0o600 });
    await utimes(lock, new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
    return join(lock, 'theirs', 'new');
  };

  it('that a process has left is taken away, and with it what that process was about to write', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    const before = await store.set('key', 'before');
    const late = await stale(it.folder, 5000);
    const version = await store.set('key', 'next', { ifVersion: before });
    // The process that stood still goes on.
    await expect(rename(late, join(it.folder, nameOf('key')))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await store.get('key')).toMatchObject({ value: 'next', version });
  });

  it('is waited for as long as it is fresh', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    await store.set('key', 'before');
    const late = await stale(it.folder, 0);
    const done = store.set('key', 'next');
    // In its time, the other process ends what it does: nothing of that is lost.
    const entry = { key: 'key', value: 'theirs', version: '1', endsAt: null };
    await writeFile(late, JSON.stringify(entry));
    await rename(late, join(it.folder, nameOf('key')));
    await rm(dirname(late), { recursive: true });
    // Empty, it is anybody's: who waits may have taken it already.
    await rmdir(join(it.folder, `${nameOf('key')}.lock`)).catch(() => {});
    await done;
    expect((await store.get('key')).value).toBe('next');
  });

  it('keeps nobody from reading', async () => {
    await using it = await place();
    const store = fileStore(it.folder);
    await store.set('key', 'value');
    await stale(it.folder, 0);
    expect((await store.get('key')).value).toBe('value');
  });
});

it('23: loses no change of four processes that count in one file, one of which is killed in the middle', async () => {
  await using it = await place();
  const children = Array.from({ length: 4 }, () => fork(fileURLToPath(new URL('children/count.ts', import.meta.url)), [it.folder, '60']));
  const counted = new Map(children.map((child) => [child, 0]));
  for (const child of children) child.on('message', () => counted.set(child, (counted.get(child) ?? 0) + 1));
  const [victim, ...others] = children;
  await vi.waitFor(() => expect(counted.get(victim as (typeof children)[0])).toBeGreaterThan(5), patience);
  victim?.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  const value = Number((await fileStore(it.folder).get('count')).value);
  const told = [...counted.values()].reduce((sum, count) => sum + count, 0);
  expect(others.map((child) => counted.get(child))).toEqual([60, 60, 60]);
  // Its last count may have been written though it was not told.
  expect(value - told).toBeGreaterThanOrEqual(0);
  expect(value - told).toBeLessThanOrEqual(1);
});
