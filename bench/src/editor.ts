// How long an editor takes to check a consumer's file again after a line of it was edited, beside the peers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fixture, fixtures, project } from './fixtures.ts';
import { peerModules } from './peers.ts';
import { runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { interleave, quarter } from './statistics.ts';

const rounds = 3;

export async function editor(context: Context): Promise<Row[]> {
  const modules = peerModules(context);
  context.progress(`opening and editing, ${rounds} rounds`);
  const recheck = (fixture: Fixture) => (): number => {
    const file = join(context.folder, `editor-${fixture}.json`);
    writeFileSync(file, JSON.stringify(project(fixture, modules)));
    return Number(runNode([runner('recheck'), file]).output);
  };
  const candidates = Object.fromEntries(fixtures.map((fixture) => [fixture, recheck(fixture)])) as Record<Fixture, () => number>;
  // A target in milliseconds cannot be a ratio, so the quick processes count: those that the machine's other work left alone.
  const found = await interleave(rounds, candidates, quarter);
  return fixtures.map((fixture): Row => {
    const row: Row = { id: fixture, what: `checking again after an edit, CPU, ${fixture}`, measured: found[fixture], unit: 'ms' };
    return fixture === 'client' ? { ...row, target: 80 } : row;
  });
}
