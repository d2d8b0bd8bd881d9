// npm run bench -- auth: the token layer beside OAuth clients of others, each measurement in a process of its own.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, repository } from '../places.ts';
import { Failed } from '../process.ts';
import type { Context, Row } from '../report.ts';
import { interleave } from '../statistics.ts';
import { home, install } from './peers.ts';
import { brings, candidates, type Figures, type Measurement, type Name, names, nothing, type RowId, rows, without } from './rows.ts';
import { bundled } from './size.ts';

/** Seconds that one measurement may take, and the MB that its heap may have. */
const deadlineS = 90;
const heapMb = 2048;

/** Processes an import is measured in. */
const imports = 15;

type Cell = Pick<Row, 'measured' | 'note' | 'target'>;

export async function auth({ folder, progress }: Context): Promise<Row[]> {
  install(progress);
  const cells = new Map<string, Cell>();
  const put = (id: RowId, name: Name, cell: Cell): void => {
    cells.set(`${id}-${name}`, cell);
  };

  for (const measurement of Object.keys(brings) as Measurement[]) {
    for (const name of names) {
      const reason = name === 'ours' ? undefined : without[name][measurement];
      progress(`${measurement}, ${name}`);
      const figures = reason === undefined ? await attempt(name, () => measure(measurement, name)) : {};
      for (const id of brings[measurement]) {
        const measured = figures instanceof Failed ? undefined : figures[id];
        if (figures instanceof Failed) put(id, name, failed(figures));
        else put(id, name, measured === undefined ? missing(reason ?? nothing) : { measured });
      }
    }
  }

  progress('bundling');
  for (const name of names) {
    const size = await attempt(name, () => bundled(name));
    put('size', name, size instanceof Failed ? failed(size) : { measured: size });
  }
  put('size-whole', 'ours', { measured: await bundled('whole') });

  progress('importing');
  const importing: Record<string, () => number> = { empty: () => importMs('empty', folder) };
  for (const name of names) {
    const from = name === 'ours' ? installOurs(folder) : home;
    const first = await attempt(name, () => importMs(name, from));
    if (first instanceof Failed) put('import', name, failed(first));
    else importing[name] = () => importMs(name, from);
  }
  const cpu = await interleave(imports, importing);
  for (const name of names) if (cpu[name] !== undefined) put('import', name, { measured: cpu[name] });
  put('import-empty', 'ours', { measured: cpu['empty'] ?? Number.NaN });

  return (Object.keys(rows) as RowId[]).flatMap((id) =>
    names.flatMap((name): Row[] => {
      const cell = cells.get(`${id}-${name}`);
      if (cell === undefined) return [];
      const { what, unit, ...rest } = rows[id];
      return [
        name === 'ours' ? { id, what, unit, ...rest, ...cell } : { id: `${id}-${name}`, what: `  ${candidates[name]}`, unit, ...cell },
      ];
    }),
  );
}

const missing = (note: string): Cell => ({ measured: Number.NaN, note });

/** A target that nothing meets, so that it does not go unseen. */
const failed = ({ message }: Failed): Cell => ({ measured: Number.NaN, note: `could not be measured: ${message}`, target: Number.NaN });

/** A peer that fails has that in its cells; ours stops the bench. */
async function attempt<T>(name: Name, run: () => T | Promise<T>): Promise<T | Failed> {
  try {
    return await run();
  } catch (cause) {
    if (name === 'ours') throw cause;
    return cause instanceof Failed ? cause : new Failed((cause as Error).message.split('\n')[0]);
  }
}

function measure(measurement: Measurement, name: Name): Figures {
  const runner = fileURLToPath(new URL('measure.ts', import.meta.url));
  return JSON.parse(node(['--expose-gc', `--max-old-space-size=${heapMb}`, runner, measurement, name], bench));
}

/** Our package as an application has it: the link of a workspace takes milliseconds to follow, and the peers have none. */
function installOurs(folder: string): string {
  const target = join(folder, 'node_modules', candidates.ours);
  for (const part of ['package.json', 'dist'])
    cpSync(join(repository, 'packages/auth-helpers', part), join(target, part), { recursive: true });
  return folder;
}

/** CPU milliseconds of an import; nothing is taken off. */
function importMs(name: Name | 'empty', from: string): number {
  const target = name === 'empty' ? 'data:text/javascript,' : candidates[name];
  const script = `const before = process.cpuUsage();
await import('${target}');
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000));`;
  return Number(node(['--input-type=module', '--eval', script], from));
}

/** What a fresh process wrote, within its time. */
function node(args: readonly string[], cwd: string): string {
  const { error, status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    timeout: deadlineS * 1000,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined) throw new Failed(error.message);
  if (status !== 0) {
    const said = /^\w*Error\b.*$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1) ?? '';
    throw new Failed(`ended with ${status ?? signal}: ${said}`);
  }
  return stdout;
}
