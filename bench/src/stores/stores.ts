// npm run bench -- stores: what sharing tokens costs, over servers of its own; each measurement in a process of its own.
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@finapi-ts/fleet-tests/servers/postgres';
import { postgresPrograms, redisProgram } from '@finapi-ts/fleet-tests/servers/programs';
import { startRedis } from '@finapi-ts/fleet-tests/servers/redis';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { bench } from '../places.ts';
import { runNode } from '../process.ts';
import type { Context, Row } from '../report.ts';
import type { Measurement } from './measure.ts';
import {
  type Figure,
  type Figures,
  figures,
  idOf,
  kinds,
  type ServerName,
  type Setting,
  serverNames,
  sharedUsers,
  storedUsers,
  stores as storeKinds,
  targets,
  usersInFolder,
  workerCounts,
} from './rows.ts';
import { storeEntries, storeSize } from './size.ts';

export async function stores({ folder, progress }: Context): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  progress('starting Redis and PostgreSQL');
  const redis = (await redisProgram()) === undefined ? undefined : open.use(await startRedis());
  const postgres = (await postgresPrograms()) === undefined ? undefined : open.use(await startPostgres());
  const setting: Setting = { folder, redisUrl: redis?.url, postgresUrl: postgres?.url };
  const has = (name: ServerName | undefined): boolean => name === undefined || (name === 'redis' ? redis : postgres) !== undefined;
  const measure = <Result>(measurement: Measurement, argument: string | number = ''): Result =>
    JSON.parse(runNode(['--expose-gc', runner, measurement, JSON.stringify(setting), String(argument)], bench).output);

  const rows: Row[] = [
    server('redis', redis && `${await versionOfRedis(redis.url)} on loopback, nothing written to a disk`),
    server('postgres', postgres && `${await versionOfPostgres(postgres.url)} on loopback, without fsync`),
  ];

  for (const kind of kinds) {
    const { what, needs } = storeKinds[kind];
    if (!has(needs)) continue;
    progress(`pace, ${what}`);
    const found = measure<Figures>('pace', kind);
    for (const figure of Object.keys(found) as Figure[]) {
      const target = figure === 'get-ratio' || figure === 'set-ratio' ? targets[kind] : undefined;
      const row: Row = {
        id: idOf(figure, kind),
        what: `${what}: ${figures[figure].what}`,
        measured: found[figure] ?? Number.NaN,
        unit: figures[figure].unit,
      };
      rows.push(target === undefined ? row : { ...row, target });
    }
  }

  progress('a token at hand');
  const { source, user } = measure<{ source: number; user: number }>('warm');
  rows.push(
    { id: 'warm', what: 'get() of a token at hand, with a store, CPU', measured: source, unit: 'ns', target: 150 },
    { id: 'warm-user', what: 'the same with auth.user(id) before each, CPU', measured: user, unit: 'ns' },
  );

  for (const kind of ['ioredis', 'node-redis', 'postgres'] as const) {
    const { what, needs } = storeKinds[kind];
    if (!has(needs)) continue;
    progress(`a cold read, ${what}`);
    const { roundTrips } = measure<{ roundTrips: number }>('cold', kind);
    rows.push({ id: `cold-${kind}`, what: `a cold read, ${what}: round trips`, measured: roundTrips, unit: '', target: 1 });
  }

  if (has('redis')) {
    for (const workers of workerCounts) {
      progress(`token requests, ${workers} of ${workerCounts.at(-1)} workers`);
      const { logins, renewals } = measure<{ logins: number; renewals: number }>('requests', workers);
      const who = `${workers} ${workers === 1 ? 'worker' : 'workers'}, ${sharedUsers} users`;
      rows.push(
        { id: `logins-${workers}`, what: `${who}: token requests`, measured: logins, unit: '', target: sharedUsers },
        {
          id: `renewals-${workers}`,
          what: `${who}, all tokens refused: token requests`,
          measured: renewals,
          unit: '',
          target: sharedUsers,
        },
      );
    }
  }

  progress('space');
  if (has('redis')) {
    const { server, entry, text } = measure<{ server: number; entry: number; text: number }>('space-redis');
    rows.push(
      bytes('text', 'key and value of a user as the layer writes them, two tokens of 78 and 81 characters', text),
      bytes('space-redis', `Redis, a user at ${storedUsers.toLocaleString('en')}: used_memory`, server),
      bytes('space-redis-entry', 'Redis, a user: MEMORY USAGE of the entry', entry),
    );
  }
  if (has('postgres')) {
    const { written, renewed, vacuumed } = measure<{ written: number; renewed: number; vacuumed: number }>('space-postgres');
    const who = `PostgreSQL, a user at ${storedUsers.toLocaleString('en')}, table and indices`;
    rows.push(
      bytes('space-postgres', who, written),
      bytes('space-postgres-renewed', `${who}, after a renewal of each`, renewed),
      bytes('space-postgres-vacuumed', `${who}, and VACUUM`, vacuumed),
    );
  }
  const { apparent, blocks } = measure<{ apparent: number; blocks: number }>('space-folder');
  rows.push(
    bytes('space-folder', `folder, a user at ${usersInFolder.toLocaleString('en')}: length of the file`, apparent),
    bytes('space-folder-blocks', 'folder, a user: blocks on the disk', blocks),
  );
  progress('heap');
  rows.push({
    ...bytes(
      'heap',
      'heap a user at 100,000 users read from a store, tokens as in the section auth',
      measure<{ user: number }>('heap').user,
    ),
    target: 350,
  });

  progress('bundling');
  for (const name of storeEntries)
    rows.push({
      id: `size-${name}`,
      what: `stores/${name}, minified and gzipped`,
      measured: await storeSize(name),
      unit: 'kB',
      target: 1.5,
    });

  progress('faults, most of a minute');
  rows.push(...measure<Row[]>('faults'));
  return rows;
}

const runner = fileURLToPath(new URL('measure.ts', import.meta.url));

const bytes = (id: string, what: string, measured: number): Row => ({ id, what, measured: Math.round(measured), unit: 'B' });

/** One that is missing is a target that nothing meets, so that `--check` fails. */
function server(name: ServerName, what: string | undefined): Row {
  const row = { id: `server-${name}`, what: serverNames[name], measured: Number.NaN, unit: '' } as const;
  if (what !== undefined) return { ...row, note: what };
  const note = `NOT RUN: everything over ${serverNames[name]}; apt-get install ${name === 'redis' ? 'redis-server' : 'postgresql'}`;
  process.stderr.write(`\n${note}\n\n`);
  return { ...row, note, target: Number.NaN };
}

async function versionOfRedis(url: string): Promise<string> {
  const client = new Redis(url);
  const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? '';
  client.disconnect();
  return version;
}

async function versionOfPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SHOW server_version');
  await client.end();
  return rows[0].server_version;
}
