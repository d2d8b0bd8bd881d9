// npm run spec:import: makes source.yaml from a document as finAPI publishes it.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { locate, readApis, repository } from '../apis.ts';
import { readArguments, run, seconds, style } from '../cli.ts';
import { importDocument } from '../document/import.ts';
import { parse, print } from '../document/yaml.ts';
import { InputError } from '../errors.ts';
import { commit, differences, nameOf, readText } from '../files.ts';

const help = `Usage: npm run spec:import -- API FILE

Makes spec/API/source.yaml from FILE, a document as finAPI publishes it (YAML or JSON, OpenAPI 3): names, types and
constraints, without prose and examples. Names that source.yaml knows keep their order.

  API      one of spec/apis.json, such as access-v1
  --help   this text

Exit codes: 0 done or nothing to do, 1 failed.
`;

/** A published document may use a few YAML aliases; our own have none. */
const maxAliases = 1000;

await run(() => {
  const { positionals } = readArguments({}, help);
  const [id, file, ...rest] = positionals;
  if (id === undefined || file === undefined || rest.length > 0)
    throw new InputError({ message: 'expected an API and a file', hint: 'see --help' });
  const apis = readApis(repository);
  const api = apis.find((it) => it.id === id);
  if (api === undefined)
    throw new InputError({ message: `there is no API ${id}`, hint: `spec/apis.json knows: ${apis.map((it) => it.id).join(', ')}` });
  const start = performance.now();
  // npm runs scripts in the repository; the file is named from where the user stands.
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), file);
  const paths = locate(repository, api);
  const known = existsSync(paths.source) ? parse(nameOf(repository, paths.source), readText(repository, paths.source)).value : undefined;
  const { document, leftOut } = importDocument(parse(nameOf(repository, path), readText(repository, path), maxAliases), known);
  for (const [keyword, places] of leftOut)
    process.stdout.write(`${style('yellow', 'left out')} ${keyword}, unknown here, in ${places} places\n`);
  const changes = differences(new Map([[paths.source, print(document)]]));
  commit(changes);
  process.stdout.write(
    `${style('bold', api.id)}  ${changes.size === 0 ? 'source.yaml unchanged' : 'source.yaml written; next: npm run generate'}  ${seconds(start)}\n`,
  );
  return 0;
});
