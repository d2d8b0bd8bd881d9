// A token store in a folder of this machine's disk, for the processes of one machine and over their restarts. For Node, Bun and Deno.
import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TokenStore } from '../store.js';
import { fault } from './fault.js';

/** What is in a file: an entry, or a lease, whose value is empty and whose version is its owner. */
interface Entry {
  readonly key: string;
  readonly value: string;
  readonly version: string;
  /** Wall clock, milliseconds since 1970; `null` for ever. */
  readonly endsAt: number | null;
}

// The files of a key: its entry, its lease, and while one is being changed a lock. A lock is a folder that one process has moved there,
// with a folder of its own inside: what is to be written. From there it is moved over the entry. Whoever finds a lock too old moves
// it away, and with it what was to be written: a process that stood still meanwhile cannot write any more.
/** Changing a file takes a few milliseconds; a lock that is older was left by a process that died or stands still. */
const lockMs = 1000;
/** How long somebody waits for locks in all. */
const patienceMs = 10_000;
/** How often what has ended is removed, at most. */
const sweepMs = 3_600_000;
/** What a process that died left half-written. */
const leftoverMs = 60_000;

const codeOf = (cause: unknown): unknown => (cause as { code?: unknown } | undefined)?.code;
const isGone = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';
const isBusy = (cause: unknown): boolean => ['ENOTEMPTY', 'EEXIST'].includes(String(codeOf(cause)));
const unlessGone = (cause: unknown): undefined => {
  if (isGone(cause)) return undefined;
  throw cause;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Creates a token store in a folder, which is made where it is missing: readable by its owner alone (0700, files 0600). A folder that
 * others can read, a symbolic link and a file that makes no sense are errors. Everything is on the disk when a write resolves.
 *
 * @param path a folder on a disk of this machine: network file systems do not keep their word
 */
export function fileStore(path: string): TokenStore {
  if (typeof path !== 'string' || path === '') throw new TypeError('the first argument is no folder');
  // Without a slash at its end, which would lead through a link.
  const folder = resolve(path);
  let ready: Promise<void> | undefined;
  let sweepAt = 0;
  /** The last change of each key in this process: they take turns without asking the disk. */
  const turns = new Map<string, Promise<unknown>>();

  const prepare = (): Promise<void> => {
    ready ??= checkFolder(folder).catch((cause) => {
      ready = undefined;
      throw cause;
    });
    return ready;
  };
  const pathOf = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex'));

  /** The entry or the lease of a key, unless it has ended. */
  const current = async (key: string, suffix: '' | '.lease' = ''): Promise<Entry | undefined> => {
    const entry = await read(pathOf(key) + suffix, key);
    return entry !== undefined && (entry.endsAt ?? Number.POSITIVE_INFINITY) > Date.now() ? entry : undefined;
  };
  const ownerOf = async (key: string): Promise<string | undefined> => (await current(key, '.lease'))?.version;

  /**
   * Changes one file of a key while nobody else changes any of them.
   *
   * @param content what is to be written, asked for late, since it can name an end; without it, the file is removed
   * @param fits decides, under the lock, whether it is done at all
   */
  const change = (
    key: string,
    suffix: '' | '.lease',
    content: (() => object) | undefined,
    fits: () => Promise<boolean>,
  ): Promise<boolean> => {
    const turn = (turns.get(key) ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        await prepare();
        const path = pathOf(key);
        const started = Date.now();
        for (;;) {
          const done = await attempt(path, suffix, content, fits);
          if (done !== undefined) return done;
          if (Date.now() - started > patienceMs) throw fault(`another process has been changing ${path} for too long`);
          await pause(1 + Math.random() * 9);
        }
      });
    turns.set(key, turn);
    const settled = (): void => {
      if (turns.get(key) === turn) turns.delete(key);
    };
    turn.then(settled, settled);
    return turn;
  };

  /** `undefined` where another has the lock, or has taken it away. */
  const attempt = async (
    path: string,
    suffix: string,
    content: (() => object) | undefined,
    fits: () => Promise<boolean>,
  ): Promise<boolean | undefined> => {
    const staged = `${path}.${randomUUID()}.tmp`;
    const lock = `${path}.lock`;
    const id = randomUUID();
    const own = join(lock, id);
    // A look at what is there already tells most of those who are late.
    if (!(await fits())) return false;
    let taken = false;
    try {
      await mkdir(join(staged, id), { recursive: true, mode: 0o700 });
      if (content !== undefined) await write(join(staged, id, 'new'), JSON.stringify(content()), suffix === '');
      // Its age counts from here.
      await utimes(staged, new Date(), new Date());
      try {
        await rename(staged, lock);
      } catch (cause) {
        if (!isBusy(cause)) throw cause;
        await breakIfOld(lock);
        return undefined;
      }
      taken = true;
      if (!(await fits())) return false;
      try {
        if (content === undefined) await rename(path + suffix, join(own, 'old'));
        else await rename(join(own, 'new'), path + suffix);
      } catch (cause) {
        // The lock was taken away, unless it is the file to be removed that is not there.
        if (!isGone(cause)) throw cause;
        return content === undefined && (await stat(own).catch(unlessGone)) !== undefined ? false : undefined;
      }
      if (suffix === '') await flushFolder(folder);
      return true;
    } finally {
      if (taken) {
        await rm(own, { recursive: true, force: true });
        // Another's lock is not empty.
        await rmdir(lock).catch((cause) => void (isBusy(cause) || unlessGone(cause)));
      } else await rm(staged, { recursive: true, force: true });
    }
  };

  /** Removes, once in a while, what has ended and what was left half-written. */
  const sweep = async (): Promise<void> => {
    const now = Date.now();
    if (now < sweepAt) return;
    sweepAt = now + sweepMs;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.endsWith('.tmp')) {
        const { mtimeMs = now } = (await lstat(path).catch(unlessGone)) ?? {};
        if (now - mtimeMs > leftoverMs) await rm(path, { recursive: true, force: true });
        continue;
      }
      const suffix = name.endsWith('.lease') ? '.lease' : '';
      if (!/^[0-9a-f]{64}(\.lease)?$/.test(name)) continue;
      const file = await read(path).catch(() => undefined);
      if (file === undefined || (file.endsAt ?? Number.POSITIVE_INFINITY) > now) continue;
      await change(file.key, suffix, undefined, async () => (await current(file.key, suffix)) === undefined);
    }
  };

  return {
    async get(key, { signal } = {}) {
      signal?.throwIfAborted();
      await prepare();
      const entry = await current(key);
      return { value: entry?.value, version: entry?.version ?? null, now: Date.now() };
    },
    async set(key, value, { ifVersion, owner, ttlMs, signal } = {}) {
      signal?.throwIfAborted();
      const version = randomUUID();
      const entry = (): Entry => ({ key, value, version, endsAt: ttlMs === undefined ? null : Date.now() + Math.ceil(ttlMs) });
      const fits = async (): Promise<boolean> =>
        (ifVersion === undefined || ifVersion === ((await current(key))?.version ?? null)) &&
        (owner === undefined || ((await ownerOf(key)) ?? owner) === owner);
      const written = await change(key, '', entry, fits);
      void sweep().catch(() => {});
      return written ? version : undefined;
    },
    async delete(key, { ifVersion, signal } = {}) {
      signal?.throwIfAborted();
      return change(key, '', undefined, async () => {
        const entry = await current(key);
        return entry !== undefined && (ifVersion === undefined || ifVersion === entry.version);
      });
    },
    async lease(key, { ttlMs, signal }) {
      signal?.throwIfAborted();
      const owner = randomUUID();
      const lease = (): Entry => ({ key, value: '', version: owner, endsAt: Date.now() + Math.ceil(ttlMs) });
      const isMine = async (): Promise<boolean> => (await ownerOf(key)) === owner;
      if (!(await change(key, '.lease', lease, async () => (await ownerOf(key)) === undefined))) return undefined;
      return {
        owner,
        renew: () => change(key, '.lease', lease, isMine),
        release: async () => void (await change(key, '.lease', undefined, isMine)),
      };
    },
  };
}

async function checkFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  checkFile(folder, await lstat(folder), (it) => it.isDirectory());
}

/** Neither a link, nor somebody else's, nor readable by others. */
function checkFile(path: string, file: Stats, isKind: (file: Stats) => boolean): void {
  if (file.isSymbolicLink()) throw fault(`${path} is a symbolic link, which could lead anywhere; name what it stands for`);
  if (!isKind(file)) throw fault(`${path} is not what a token store makes; choose another folder`);
  const user = process.getuid?.();
  if (user === undefined) return;
  if (file.uid !== user) throw fault(`${path} belongs to another user of this machine`);
  if ((file.mode & 0o077) !== 0) throw fault(`${path} can be used by other users of this machine: chmod go= ${path}`);
}

/** @param key whose file it must be, where that is known */
async function read(path: string, key?: string): Promise<Entry | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause) => {
    if (codeOf(cause) === 'ELOOP') throw fault(`${path} is a symbolic link, which could lead anywhere; remove it`);
    return unlessGone(cause);
  });
  if (file === undefined) return undefined;
  let text: string;
  try {
    checkFile(path, await file.stat(), (it) => it.isFile());
    text = await file.readFile('utf8');
  } finally {
    await file.close();
  }
  const entry = parsed(text);
  if (entry === undefined || entry.key !== (key ?? entry.key))
    throw fault(`${path} is damaged: it is not what a token store writes; remove it`);
  return entry;
}

function parsed(text: string): Entry | undefined {
  try {
    const entry: Entry = JSON.parse(text);
    const { key, value, version, endsAt } = entry;
    const isWhole = [key, value, version].every((it) => typeof it === 'string') && (endsAt === null || typeof endsAt === 'number');
    return isWhole ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** @param flushed on the disk before it resolves: otherwise a power cut could leave an empty file under the name of a good one */
async function write(path: string, text: string, flushed: boolean): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(text);
    if (flushed) await file.sync();
  } finally {
    await file.close();
  }
}

/** That a file has another name is a change of its folder. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Takes away a lock that its owner should have left long ago. */
async function breakIfOld(lock: string): Promise<void> {
  const found = await lstat(lock).catch(unlessGone);
  if (found === undefined || Math.abs(Date.now() - found.mtimeMs) < lockMs) return;
  const away = `${lock}.${randomUUID()}.tmp`;
  await rename(lock, away).catch(unlessGone);
  await rm(away, { recursive: true, force: true });
}
