// One measurement of the stores, in a process of its own. Prints its figures as JSON: measure.ts <measurement> <setting> [<argument>]
import type { Kind, Setting } from './rows.ts';

/** Each loads what it needs, and no more: there are many of them. */
const measurements = {
  async pace(setting: Setting, kind: string) {
    const { openContender } = await import('./contenders.ts');
    const { entriesAt } = await import('./entries.ts');
    const { pace } = await import('./pace.ts');
    const contender = await openContender(kind as Kind, setting);
    const figures = await pace(contender, await entriesAt());
    await contender.close();
    return figures;
  },
  warm: async () => (await import('./warm.ts')).warm(),
  cold: async (setting: Setting, kind: string) => (await import('./cold.ts')).cold(setting, kind as Kind),
  requests: async (setting: Setting, workers: string) => (await import('./requests.ts')).requests(setting, Number(workers)),
  'space-redis': async (setting: Setting) => (await import('./space.ts')).spaceInRedis(setting),
  'space-postgres': async (setting: Setting) => (await import('./space.ts')).spaceInPostgres(setting),
  'space-folder': async (setting: Setting) => (await import('./space.ts')).spaceInFolder(setting),
  faults: async (setting: Setting) => (await import('./faults.ts')).faults(setting),
  heap: async () => (await import('./heap.ts')).heap(),
} as const;

export type Measurement = keyof typeof measurements;

const [name, setting, argument = ''] = process.argv.slice(2) as [Measurement, string, string?];
const figures = await measurements[name](JSON.parse(setting), argument);
// Connections that a client keeps open keep no bench waiting.
process.stdout.write(JSON.stringify(figures), () => process.exit());
