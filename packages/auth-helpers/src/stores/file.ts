// A token store in a folder of this machine's disk, for the processes of one machine and over their restarts. For Node, Bun and Deno.
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
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
/** What is older and half-written was left by a process that died. */
const leftoverMs = 60_000;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY, S_IFDIR, S_IFMT, S_IFREG } = constants;
type Suffix = '' | '.lease';

/**
 * Creates a token store in a folder, which is made where it is missing: readable by its owner alone (0700, files 0600). A folder that
 * others can read, a symbolic link and a file that makes no sense are errors. Everything is on the disk when a write resolves. Not on
 * Windows, whose files have no such rights.
 *
 * @param path a folder on a disk of this machine: network file systems do not keep their word
 */
export function fileStore(path: string): TokenStore {
  if (typeof path !== 'string' || path === '') throw new TypeError('the first argument is no folder');
  // Without a slash at its end, which would lead through a link.
  const folder = resolve(path);
  let sweepAt = 0;

  const pathOf = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex'));

  /** The entry or the lease of a key, unless it has ended. */
  const current = async (key: string, suffix: Suffix = ''): Promise<Entry | undefined> => {
    const entry = await read(pathOf(key) + suffix, key);
    return entry === undefined || hasEnded(entry) ? undefined : entry;
  };
  const ownerOf = async (key: string): Promise<string | undefined> => (await current(key, '.lease'))?.version;

  /**
   * Changes one file of a key while nobody else changes any of them.
   *
   * @param content what is to be written, asked for late, since it can name an end; without it, the file is removed
   * @param fits decides, under the lock, whether it is done at all
   */
  const change = async (key: string, suffix: Suffix, fits: () => Promise<boolean>, content?: () => Entry): Promise<boolean> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    checkOwn(folder, await lstat(folder), S_IFDIR);
    const patientUntil = Date.now() + patienceMs;
    // A look at what is there already tells most of those who are late.
    while (await fits()) {
      const done = await attempt(pathOf(key), suffix, fits, content);
      if (done !== undefined) return done;
      if (Date.now() > patientUntil) throw fault(`another process has been changing ${pathOf(key)} for too long`);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    }
    return false;
  };

  /** `undefined` where another has the lock, or has taken it away. */
  const attempt = async (
    path: string,
    suffix: Suffix,
    fits: () => Promise<boolean>,
    content: (() => Entry) | undefined,
  ): Promise<boolean | undefined> => {
    const id = randomUUID();
    const staged = `${path}.${id}.tmp`;
    const lock = `${path}.lock`;
    const own = join(lock, id);
    let taken = false;
    try {
      await mkdir(join(staged, id), { recursive: true, mode: 0o700 });
      if (content !== undefined)
        await using(join(staged, id, 'new'), O_WRONLY | O_CREAT | O_EXCL, async (file) => {
          await file.writeFile(JSON.stringify(content()));
          // Otherwise a power cut could leave an empty file under the name of a good one.
          await file.sync();
        });
      // The age of the lock counts from here.
      await utimes(staged, new Date(), new Date());
      await rename(staged, lock).catch(unless('ENOTEMPTY', 'EEXIST'));
      taken = (await lstat(own).catch(unless('ENOENT'))) !== undefined;
      if (!taken) return void (await breakIfOld(lock));
      if (!(await fits())) return false;
      if (content === undefined) await rename(path + suffix, join(own, 'old'));
      else await rename(join(own, 'new'), path + suffix);
      // That a file has another name is a change of its folder.
      if (suffix === '') await using(folder, O_RDONLY, (it) => it.sync());
      return true;
    } catch (cause) {
      // The lock was taken away.
      return unless('ENOENT')(cause);
    } finally {
      await rm(taken ? own : staged, { recursive: true, force: true });
      // Another's lock is not empty.
      if (taken) await rmdir(lock).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
    }
  };

  const tidy = async (name: string, now: number): Promise<void> => {
    const path = join(folder, name);
    if (name.endsWith('.tmp')) {
      if (now - (await stat(path)).mtimeMs > leftoverMs) await rm(path, { recursive: true, force: true });
    } else if (!name.endsWith('.lock')) {
      const entry = await read(path);
      const suffix = name.endsWith('.lease') ? '.lease' : '';
      if (entry !== undefined && hasEnded(entry))
        await change(entry.key, suffix, async () => (await current(entry.key, suffix)) === undefined);
    }
  };

  /** Removes, once in a while, what has ended and what was left half-written. */
  const sweep = async (): Promise<void> => {
    const now = Date.now();
    if (now < sweepAt) return;
    sweepAt = now + sweepMs;
    // One that vanishes meanwhile, or makes no sense, keeps nobody from the others.
    for (const name of await readdir(folder)) await tidy(name, now).catch(() => {});
  };

  return {
    async get(key, { signal } = {}) {
      signal?.throwIfAborted();
      const entry = await current(key);
      return { value: entry?.value, version: entry?.version ?? null, now: Date.now() };
    },
    async set(key, value, { ifVersion, owner, ttlMs, signal } = {}) {
      signal?.throwIfAborted();
      const version = randomUUID();
      const written = await change(
        key,
        '',
        async () =>
          (ifVersion === undefined || ifVersion === ((await current(key))?.version ?? null)) &&
          (owner === undefined || ((await ownerOf(key)) ?? owner) === owner),
        () => ({ key, value, version, endsAt: ttlMs === undefined ? null : Date.now() + ttlMs }),
      );
      sweep().catch(() => {});
      return written ? version : undefined;
    },
    async delete(key, { ifVersion, signal } = {}) {
      signal?.throwIfAborted();
      return change(key, '', async () => {
        const entry = await current(key);
        return entry !== undefined && (ifVersion ?? entry.version) === entry.version;
      });
    },
    async lease(key, { ttlMs, signal }) {
      signal?.throwIfAborted();
      const owner = randomUUID();
      const lease = (): Entry => ({ key, value: '', version: owner, endsAt: Date.now() + ttlMs });
      const isMine = async (): Promise<boolean> => (await ownerOf(key)) === owner;
      if (!(await change(key, '.lease', async () => (await ownerOf(key)) === undefined, lease))) return undefined;
      return {
        owner,
        renew: () => change(key, '.lease', isMine, lease),
        release: async () => void (await change(key, '.lease', isMine)),
      };
    },
  };
}

const hasEnded = ({ endsAt }: Entry): boolean => endsAt !== null && endsAt <= Date.now();

const unless =
  (...codes: readonly string[]) =>
  (cause: unknown): undefined => {
    if (!codes.includes(String((cause as { code?: unknown } | undefined)?.code))) throw cause;
  };

/** Neither a link, nor somebody else's, nor open to others. */
function checkOwn(path: string, { mode, uid }: { readonly mode: number; readonly uid: number }, kind: number): void {
  if ((mode & (S_IFMT | 0o077)) === kind && uid === (process.getuid?.() ?? uid)) return;
  throw fault(`${path} must be a ${kind === S_IFDIR ? 'folder' : 'file'} of this user, closed to others (chmod go=), and no link`);
}

async function using<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags | O_NOFOLLOW, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** @param key whose file it must be, where that is known */
async function read(path: string, key?: string): Promise<Entry | undefined> {
  const text = await using(path, O_RDONLY, async (file) => {
    checkOwn(path, await file.stat(), S_IFREG);
    return file.readFile('utf8');
  }).catch((cause) => {
    // That is how a link is refused.
    if (cause.code === 'ELOOP') checkOwn(path, { mode: 0, uid: 0 }, S_IFREG);
    return unless('ENOENT')(cause);
  });
  if (text === undefined) return undefined;
  let entry: Partial<Entry> | undefined;
  try {
    entry = JSON.parse(text);
  } catch {
    // Told of below.
  }
  const texts = [entry?.key, entry?.value, entry?.version];
  if (texts.every((it) => typeof it === 'string') && (key ?? entry?.key) === entry?.key && !Number.isNaN(Number(entry?.endsAt)))
    return entry as Entry;
  throw fault(`${path} is damaged: it is not what a token store writes; remove it`);
}

/** Takes away a lock that its owner should have left long ago. */
async function breakIfOld(lock: string): Promise<void> {
  const found = await lstat(lock).catch(unless('ENOENT'));
  if (found === undefined || Math.abs(Date.now() - found.mtimeMs) < lockMs) return;
  const away = `${lock}.${randomUUID()}.tmp`;
  await rename(lock, away);
  await rm(away, { recursive: true, force: true });
}
