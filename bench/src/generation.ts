// What generating costs, beside the commands of openapi-typescript, hey-api and orval: time, memory, growth with the document.
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { enlarge } from './enlarge.ts';
import { commands } from './peers.ts';
import { document, documents, openapiTypescript, repository } from './places.ts';
import { peakMemory, runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { interleave, quarter } from './statistics.ts';

const rounds = 5;

export async function generation(context: Context): Promise<Row[]> {
  const { folder, progress } = context;
  const peer = [openapiTypescript, document, '--output', join(folder, 'peer.ts')];
  const emit = (file: string): string[] => [runner('emit'), file, join(folder, 'emitted')];
  const whole = [runner('whole'), join(folder, 'whole')];
  const { heyApi, orval } = commands(context, join(folder, 'generated'));

  progress('a copy of the repository, generated');
  const copy = copyOfRepository(join(folder, 'repository'));
  const command = [join(copy, 'scripts/src/commands/generate.mjs')];
  runNode([...command, '--force'], copy);

  progress(`${rounds} rounds of emitting, the whole and three peers`);
  const seconds = await interleave(rounds, {
    peer: () => runNode(peer).seconds,
    emit: () => runNode(emit(document)).seconds,
    whole: () => runNode(whole).seconds,
    heyApi: () => runNode(heyApi.args, heyApi.cwd).seconds,
    orval: () => runNode(orval.args, orval.cwd).seconds,
  });

  progress('nothing to do');
  const blank = join(folder, 'blank.ts');
  writeFileSync(blank, 'export {};\n');
  // A target in seconds cannot be a ratio, so the quick runs count: those that the machine's other work left alone.
  const short = await interleave(8, { blank: () => runNode([blank]).seconds, nothing: () => runNode(command, copy).seconds }, quarter);

  progress('all APIs from cold');
  const three = await interleave(3, {
    peers: () => documents.reduce((sum, file) => sum + runNode([openapiTypescript, file, '--output', join(folder, 'peer.ts')]).seconds, 0),
    cold: () => runNode([...command, '--force'], copy).seconds,
  });

  progress('documents 4 and 16 times as large');
  const large = { 4: join(folder, 'times-4.yaml'), 16: join(folder, 'times-16.yaml') };
  for (const times of [4, 16] as const) writeFileSync(large[times], enlarge(document, times));
  // Beside each other in time, so that a machine that slows down meanwhile does not pass for a cost that grows.
  const growth = await interleave(2, {
    one: () => runNode(emit(document)).seconds,
    four: () => runNode(emit(large[4])).seconds,
    sixteen: () => runNode(emit(large[16])).seconds,
  });

  progress('memory');
  const memory = {
    peer: peakMemory(peer),
    heyApi: peakMemory(heyApi.args, heyApi.cwd),
    orval: peakMemory(orval.args, orval.cwd),
    emit: peakMemory(emit(document)),
    whole: peakMemory(whole),
    sixteen: peakMemory(emit(large[16])),
  };
  return [
    { id: 'peer', what: "openapi-typescript's command", measured: seconds.peer, unit: 's' },
    {
      id: 'emit',
      what: 'from the composed document to all modules and pages',
      measured: seconds.emit / seconds.peer,
      unit: '×',
      target: 1.2,
    },
    { id: 'whole', what: 'the same with composing and lint', measured: seconds.whole / seconds.peer, unit: '×', target: 2.5 },
    {
      id: 'all',
      what: `all ${documents.length} APIs from cold, to openapi-typescript's command on each`,
      measured: three.cold / three.peers,
      unit: '×',
      target: 2.5,
    },
    { id: 'hey-api', what: "hey-api's command", measured: seconds.heyApi / seconds.peer, unit: '×' },
    { id: 'orval', what: "orval's command", measured: seconds.orval / seconds.peer, unit: '×' },
    { id: 'nothing', what: 'nothing to do', measured: short.nothing, unit: 's', target: 0.3 },
    { id: 'blank', what: 'an empty TypeScript file, the share of Node itself', measured: short.blank, unit: 's' },
    { id: 'growth-4', what: 'to modules and pages, document 4 times as large', measured: growth.four / growth.one, unit: '×', target: 4 },
    {
      id: 'growth-16',
      what: 'to modules and pages, document 16 times as large',
      measured: growth.sixteen / growth.one,
      unit: '×',
      target: 16,
    },
    { id: 'memory-peer', what: "peak memory, openapi-typescript's command", measured: memory.peer, unit: 'MB' },
    { id: 'memory-hey-api', what: "peak memory, hey-api's command", measured: memory.heyApi, unit: 'MB' },
    { id: 'memory-orval', what: "peak memory, orval's command", measured: memory.orval, unit: 'MB' },
    { id: 'memory-emit', what: 'peak memory, to modules and pages', measured: memory.emit, unit: 'MB', target: 400 },
    { id: 'memory-whole', what: 'peak memory, with composing and lint', measured: memory.whole, unit: 'MB', target: 400 },
    { id: 'memory-16', what: 'peak memory, to modules and pages, document 16 times as large', measured: memory.sixteen, unit: 'MB' },
  ];
}

/** The command writes where it finds changes, and its record; so it runs in a copy. What is installed is linked, not copied. */
function copyOfRepository(target: string): string {
  const left = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', 'bench', 'tests']);
  cpSync(repository, target, {
    recursive: true,
    filter: (source) =>
      !relative(repository, source)
        .split(sep)
        .some((name) => left.has(name)),
  });
  for (const place of ['node_modules', 'scripts/node_modules']) {
    mkdirSync(join(target, place), { recursive: true });
    for (const name of readdirSync(join(repository, place))) {
      if (!basename(name).startsWith('.')) symlinkSync(join(repository, place, name), join(target, place, name), 'junction');
    }
  }
  return target;
}
