// Where this machine has the programs of Redis and PostgreSQL; installs them where it may.
import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

export interface Finding {
  /** Whether to install what is missing, as root of a Debian; on unless the environment has `NO_INSTALL`. */
  readonly install?: boolean;
}

/** Programs that Debian keeps off the PATH. */
const postgresFolder = '/usr/lib/postgresql';

export async function redisProgram(finding?: Finding): Promise<string | undefined> {
  return found(() => onPath('redis-server'), 'redis-server', finding);
}

export async function postgresPrograms(finding?: Finding): Promise<PostgresPrograms | undefined> {
  return found(pairOfPostgres, 'postgresql', finding);
}

/** Whom PostgreSQL runs as: it refuses to be root. */
export function userOfPostgres(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody');
  return { uid: Number(uid), gid: Number(gid) };
}

function pairOfPostgres(): PostgresPrograms | undefined {
  const pair = { initdb: onPath('initdb'), postgres: onPath('postgres') };
  if (pair.initdb !== undefined && pair.postgres !== undefined) return { initdb: pair.initdb, postgres: pair.postgres };
  for (const version of versionsOfPostgres()) {
    const [initdb, postgres] = ['initdb', 'postgres'].map((name) => join(postgresFolder, version, 'bin', name));
    if (initdb !== undefined && postgres !== undefined && isProgram(initdb) && isProgram(postgres)) return { initdb, postgres };
  }
  return undefined;
}

/** The newest first. */
function versionsOfPostgres(): string[] {
  try {
    return readdirSync(postgresFolder).sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a));
  } catch {
    return [];
  }
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function found<T>(find: () => T | undefined, debianPackage: string, finding: Finding = {}): Promise<T | undefined> {
  const there = find();
  if (there !== undefined) return there;
  const { install = process.env['NO_INSTALL'] === undefined } = finding;
  if (!install || process.getuid?.() !== 0 || onPath('apt-get') === undefined || onPath('flock') === undefined) return undefined;
  await installPackage(debianPackage);
  return find();
}

/** One process at a time, and none of them twice; what fails is said, and left at that. */
async function installPackage(name: string): Promise<void> {
  process.stderr.write(`installing Debian's package ${name} for the tests; takes a minute\n`);
  const has = `dpkg-query --show --showformat='\${Status}' ${name} 2> /dev/null | grep -q ' installed$'`;
  const script = `${has} || { apt-get update && apt-get install -y --no-install-recommends ${name}; }`;
  try {
    await promisify(execFile)('flock', [join(tmpdir(), 'finapi-ts-install.lock'), 'sh', '-c', script], {
      // A run level in which Debian starts no service: the tests start their own.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    process.stderr.write(`${name} could not be installed\n${stderr.slice(-1_000)}\n`);
  }
}
