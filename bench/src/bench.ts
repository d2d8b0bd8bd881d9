// npm run bench: generator and client side by side with their peers, against the house's targets.
import { setImmediate } from 'node:timers/promises';
import { inspect, parseArgs } from 'node:util';
import { known } from '../known.ts';
import { matrix } from './auth/matrix.ts';
import { temporaryFolder } from './places.ts';
import { Failed } from './process.ts';
import { type Judged, judge, passes, type Section, table } from './report.ts';
import { show } from './stores/show.ts';

const sections: Readonly<Record<string, Section>> = {
  generation: {
    what: 'time and memory from a document to code, and how both grow with it',
    load: async () => (await import('./generation.ts')).generation,
  },
  calling: { what: 'what a call costs above bare fetch; importing', load: async () => (await import('./calling.ts')).calling },
  types: { what: 'what 21 calls cost the compilers TypeScript 5.9 and 7', load: async () => (await import('./types.ts')).types },
  editor: { what: 'checking a file again after an edit', load: async () => (await import('./editor.ts')).editor },
  size: { what: 'bundles of one call, of 21 and of all; the package', load: async () => (await import('./size.ts')).size },
  auth: {
    what: 'the token layer beside six OAuth clients: time, requests, safety, size, heap',
    load: async () => (await import('./auth/auth.ts')).auth,
    show: matrix,
  },
  stores: {
    what: 'token stores beside their bare clients: pace, requests, space, faults; needs Redis and PostgreSQL',
    load: async () => (await import('./stores/stores.ts')).stores,
    show,
  },
};

const help = `Usage: npm run bench [-- [section …] [--check] [--json]]

Measures the house beside its peers (openapi-fetch with openapi-typescript, hey-api, orval; for tokens six OAuth clients) in one
run and compares with the targets. It takes about ten minutes; on a machine that is busy with other things the ratios are noisy.
Absolute times are information, save where a target is one. The first run installs most of the peers from the registry, into
bench/peers and bench/auth-peers.

${Object.entries(sections)
  .map(([name, { what }]) => `  ${name.padEnd(12)}${what}\n`)
  .join('')}
  --check     exit code 1 when a target is missed; those in known.ts may be, unless they got worse by a quarter
  --json      print JSON
  --help      this text
`;

/** To standard error: one line that changes in a terminal, a line each elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
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
  const unknown = positionals.find((name) => sections[name] === undefined);
  if (unknown !== undefined) {
    process.stderr.write(`there is no section ${unknown}\n\n${help}`);
    return 2;
  }

  const chosen = positionals.length === 0 ? Object.keys(sections) : [...new Set(positionals)];
  const folder = temporaryFolder();
  const judged: Judged[] = [];
  const start = performance.now();
  for (const section of chosen) {
    progress(`${section} …`);
    const measure = await sections[section]?.load();
    const rows = (await measure?.({ folder, progress: (text) => progress(`${section}: ${text} …`) })) ?? [];
    progress('');
    const found = rows.map((row) => judge(section, row));
    judged.push(...found);
    if (!json) process.stdout.write(`${(sections[section]?.show ?? table)(found)}\n`);
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  if (json) process.stdout.write(`${JSON.stringify({ seconds, rows: judged }, undefined, 2)}\n`);

  const failed = judged.filter((row) => !passes(row));
  const stale = Object.keys(known).filter(
    (name) => chosen.includes(name.split('/')[0] ?? '') && !judged.some(({ section, id }) => name === `${section}/${id}`),
  );
  for (const name of stale) process.stderr.write(`known.ts lists ${name}, which is not measured\n`);
  if (!json) {
    const missed =
      failed.length === 0
        ? 'all targets met, or known to be missed'
        : `missed: ${failed.map(({ section, id }) => `${section}/${id}`).join(', ')}`;
    process.stdout.write(`${missed}; ${seconds} s\n`);
  }
  return check && (failed.length > 0 || stale.length > 0) ? 1 : 0;
}

// Handled, so that the temporary folder goes with the run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = await main();
} catch (cause) {
  // Ctrl-C ends a child process as well, which throws; the signal itself is handled a turn later, and ends this one quietly.
  await setImmediate();
  progress('');
  process.stderr.write(`${cause instanceof Failed ? cause.message : inspect(cause)}\n`);
  process.exitCode = 1;
}
