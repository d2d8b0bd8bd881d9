// What a call costs beside bare fetch, openapi-fetch, hey-api and orval, and what importing each costs.
import { pathToFileURL } from 'node:url';
import { peerScripts } from './peers.ts';
import { bench } from './places.ts';
import { run, runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { interleave, median, quarter } from './statistics.ts';

type Readings = Record<'bare' | 'ours' | 'openapiFetch' | 'heyApi' | 'orval', number> & { readonly as?: number };

/** Processes: which optimisations the engine decides on differs from one to the next. */
const processes = 3;

export async function calling(context: Context): Promise<Row[]> {
  const { progress } = context;
  const scripts = await peerScripts(context);
  const urls = Object.fromEntries(Object.entries(scripts).map(([name, path]) => [name, pathToFileURL(path).href]));
  const readings: Record<'get' | 'json' | 'form', Readings>[] = [];
  for (let i = 1; i <= processes; i++) {
    progress(`calls, process ${i} of ${processes}`);
    readings.push(JSON.parse(runNode([runner('calls'), JSON.stringify(urls)]).output));
  }
  const ratio = (of: (reading: (typeof readings)[number]) => number): number => median(readings.map(of));
  const rows = (
    [
      ['get', 'GET', 1.15],
      ['json', 'POST JSON', 1.25],
      ['form', 'POST form', 1.25],
    ] as const
  ).flatMap(([id, what, target]): Row[] => [
    { id: `${id}-bare`, what: `${what}, bare fetch and json()`, measured: ratio((it) => it[id].bare), unit: 'µs' },
    { id, what: `${what}, client`, measured: ratio((it) => it[id].ours / it[id].bare), unit: '×', target },
    { id: `${id}-openapi-fetch`, what: `${what}, openapi-fetch`, measured: ratio((it) => it[id].openapiFetch / it[id].bare), unit: '×' },
    { id: `${id}-hey-api`, what: `${what}, hey-api`, measured: ratio((it) => it[id].heyApi / it[id].bare), unit: '×' },
    { id: `${id}-orval`, what: `${what}, orval`, measured: ratio((it) => it[id].orval / it[id].bare), unit: '×' },
    {
      id: `${id}-below`,
      what: `${what}, client beside openapi-fetch`,
      measured: ratio((it) => it[id].ours / it[id].openapiFetch),
      unit: '×',
      target: 1,
    },
  ]);
  rows.splice(2, 0, {
    id: 'get-as',
    what: 'GET, client, as(user) before every call',
    measured: ratio((it) => (it.get.as ?? Number.NaN) / it.get.bare),
    unit: '×',
  });

  progress('importing');
  const imports = {
    empty: () => importTime(''),
    client: () => importTime("import '@finapi-ts/client/access-v1';"),
    openapiFetch: () => importTime("import 'openapi-fetch';"),
    heyApi: () => importTime(`import '${urls['heyApi']}';`),
    orval: () => importTime(`import '${urls['orval']}';`),
  };
  const cpu = await interleave(20, imports, quarter);
  return [
    ...rows,
    { id: 'import-empty', what: 'an empty process, CPU', measured: cpu.empty, unit: 'ms' },
    { id: 'import', what: 'importing the client, CPU above it', measured: cpu.client - cpu.empty, unit: 'ms', target: 10 },
    { id: 'import-openapi-fetch', what: 'importing openapi-fetch, CPU above it', measured: cpu.openapiFetch - cpu.empty, unit: 'ms' },
    { id: 'import-hey-api', what: 'importing hey-api, CPU above it', measured: cpu.heyApi - cpu.empty, unit: 'ms' },
    { id: 'import-orval', what: 'importing orval, CPU above it', measured: cpu.orval - cpu.empty, unit: 'ms' },
  ];
}

/** CPU milliseconds of a fresh process up to the end of its code. */
function importTime(code: string): number {
  const script = `${code} const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));`;
  return Number(run(process.execPath, ['--input-type=module', '--eval', script], bench).output);
}
