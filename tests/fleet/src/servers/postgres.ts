// A PostgreSQL of this test alone, with an end to it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { type Guardian, type Place, type Server, startGuarded, startGuardian } from './guarded.ts';
import { type PostgresPrograms, postgresPrograms, userOfPostgres } from './programs.ts';

export interface PostgresServer extends Server {
  /** Removes the rows of these tables. */
  truncate(...tables: readonly string[]): Promise<void>;
}

/** Names a fresh data directory to copy, which takes a tenth of the time of making one. */
export const templateVariable = 'FINAPI_TS_POSTGRES_TEMPLATE';

export async function startPostgres(): Promise<PostgresServer> {
  const programs = await programsOrThrow();
  const server = await startGuarded({
    ...charge(),
    program: programs.postgres,
    async prepare({ folder, run }) {
      const template = process.env[templateVariable];
      if (template === undefined) await makeData(programs, { folder, run });
      else await run('cp', ['-R', template, join(folder, 'data')]);
    },
    args: ({ folder, port }) => {
      const settings = {
        listen_addresses: '127.0.0.1',
        port,
        unix_socket_directories: folder,
        max_connections: 100,
        fsync: 'off',
        // In the data directory, so that nothing is left of one that was killed.
        dynamic_shared_memory_type: 'mmap',
      };
      return ['-D', join(folder, 'data'), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    },
    async answers({ folder, port, pid }) {
      const lines = (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n');
      if (lines[0] !== `${pid}` || lines[7]?.trim() !== 'ready') return false;
      await query(urlOf(port), 'select 1');
      return true;
    },
    portTaken: /Address already in use/,
    notYet: /pre-existing shared memory block|lock file "[^"]+" already exists/,
    url: urlOf,
  });
  return Object.assign(server, {
    truncate: (...tables: readonly string[]) => query(server.url, `truncate ${tables.map(escapeIdentifier).join(', ')}`),
  });
}

/** From here on, every PostgreSQL that this process and its children start copies one data directory. */
export async function prepareTemplate(): Promise<AsyncDisposable> {
  if (process.env[templateVariable] !== undefined) return new AsyncDisposableStack();
  const programs = await programsOrThrow();
  const guardian: Guardian = await startGuardian({ ...charge(), name: 'postgres-template' });
  try {
    await makeData(programs, guardian);
  } catch (error) {
    await guardian[Symbol.asyncDispose]();
    throw error;
  }
  process.env[templateVariable] = join(guardian.folder, 'data');
  return {
    async [Symbol.asyncDispose]() {
      delete process.env[templateVariable];
      await guardian[Symbol.asyncDispose]();
    },
  };
}

/** Ends without waiting for those who are connected; as the data go too, nothing has to be written. */
const charge = () => {
  const user = userOfPostgres();
  return { name: 'postgres', endsBy: 'SIGQUIT' as const, ...(user && { user }) };
};

const makeData = ({ initdb }: PostgresPrograms, { folder, run }: Place): Promise<void> =>
  run(initdb, ['--no-sync', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-U', 'postgres', '-D', join(folder, 'data')]);

const urlOf = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres`;

async function programsOrThrow(): Promise<PostgresPrograms> {
  const programs = await postgresPrograms();
  if (programs === undefined) throw new Error('no initdb and postgres: apt-get install postgresql');
  return programs;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 10_000 });
  // Its connection may end before it is asked to.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}
