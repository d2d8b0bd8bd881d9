// One measurement of the stores, in a process of its own. Prints its figures as JSON: measure.ts <measurement> <setting> [<argument>]
import { cold } from './cold.ts';
import { openContender } from './contenders.ts';
import { entriesAt } from './entries.ts';
import { heap } from './heap.ts';
import { pace } from './pace.ts';
import { requests } from './requests.ts';
import type { Kind, Setting } from './rows.ts';
import { spaceInFolder, spaceInPostgres, spaceInRedis } from './space.ts';
import { warm } from './warm.ts';

const measurements = {
  async pace(setting: Setting, kind: string) {
    const contender = await openContender(kind as Kind, setting);
    const figures = await pace(contender, await entriesAt());
    await contender.close();
    return figures;
  },
  warm,
  cold: (setting: Setting, kind: string) => cold(setting, kind as Kind),
  requests: (setting: Setting, workers: string) => requests(setting, Number(workers)),
  'space-redis': spaceInRedis,
  'space-postgres': spaceInPostgres,
  'space-folder': spaceInFolder,
  heap,
} as const;

export type Measurement = keyof typeof measurements;

const [name, setting, argument = ''] = process.argv.slice(2) as [Measurement, string, string?];
const figures = await measurements[name](JSON.parse(setting), argument);
// Connections that a client keeps open keep no bench waiting.
process.stdout.write(JSON.stringify(figures), () => process.exit());
