// npm run bench: generator and client side by side with their peers, against the house's targets.
import { parseArgs } from 'node:util';
import { known } from '../known.ts';
import { temporaryFolder } from './places.ts';
import { type Context, type Judged, judge, passes, type Row, table } from './report.ts';

const help = `Usage: npm run bench [-- [topic …] [--check] [--json]]

Measures the house beside its peers in one run and compares with the targets. It takes about two minutes; on a machine
that is busy with other things the ratios are noisy. Absolute times are information, save where a target is one.

  topic     only these of: generation, calling, types, size
  --check   exit code 1 when a target is missed; those in known.ts may be, unless they got worse by a quarter
  --json    print JSON
  --help    this text
`;

/** Loaded when measured: a topic must not pay for what another one loads. */
const topics: Readonly<Record<string, () => Promise<(context: Context) => Row[] | Promise<Row[]>>>> = {
  generation: async () => (await import('./generation.ts')).generation,
  calling: async () => (await import('./calling.ts')).calling,
  types: async () => (await import('./types.ts')).types,
  size: async () => (await import('./size.ts')).size,
};

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

async function main(): Promise<number> {
  let parsed: { values: { check?: boolean; json?: boolean; help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { check: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${help}`);
    return 2;
  }
  const {
    values: { check = false, json = false, help: asked = false },
    positionals,
  } = parsed;
  if (asked) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = positionals.find((name) => topics[name] === undefined);
  if (unknown !== undefined) {
    process.stderr.write(`there is no topic ${unknown}\n\n${help}`);
    return 2;
  }

  const chosen = positionals.length === 0 ? Object.keys(topics) : [...new Set(positionals)];
  const folder = temporaryFolder();
  const judged: Judged[] = [];
  const start = performance.now();
  for (const topic of chosen) {
    progress(`${topic} …`);
    const measure = await topics[topic]?.();
    const rows = (await measure?.({ folder, progress: (text) => progress(`${topic}: ${text} …`) })) ?? [];
    progress('');
    const found = rows.map((row) => judge(topic, row));
    judged.push(...found);
    if (!json) process.stdout.write(`${table(found)}\n`);
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  if (json) process.stdout.write(`${JSON.stringify({ seconds, rows: judged }, undefined, 2)}\n`);

  const failed = judged.filter((row) => !passes(row));
  const stale = Object.keys(known).filter(
    (name) => chosen.includes(name.split('/')[0] ?? '') && !judged.some(({ topic, id }) => name === `${topic}/${id}`),
  );
  for (const name of stale) process.stderr.write(`known.ts lists ${name}, which is not measured\n`);
  if (!json) {
    const missed =
      failed.length === 0
        ? 'all targets met, or known to be missed'
        : `missed: ${failed.map(({ topic, id }) => `${topic}/${id}`).join(', ')}`;
    process.stdout.write(`${missed}; ${seconds} s\n`);
  }
  return check && (failed.length > 0 || stale.length > 0) ? 1 : 0;
}

// Handled, so that Ctrl-C during a child process ends the run by its error and the temporary folder goes with it.
process.once('SIGINT', () => process.exit(130));
process.exitCode = await main();
