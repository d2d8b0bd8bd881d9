// npm run sdk: exports a client in another language.
import { relative, resolve } from 'node:path';
import { locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import { progress, readArguments, run, seconds, style } from '@finapi-ts/scripts/cli';
import { InputError } from '@finapi-ts/scripts/errors';
import type { Node } from '@finapi-ts/scripts/grammar';
import { generatorVersion, stoppable } from '../generator.ts';
import { exportSdk, readLanguages } from '../sdk.ts';

const help = `Usage: npm run sdk -- LANGUAGE FOLDER [--api API] [--property NAME=VALUE …]
       npm run sdk -- --list

Writes a client in another language with OpenAPI Generator ${generatorVersion}, from the composed document of an API. It needs
Java. Such a client is as that generator makes it; of this repository's client and token layer it has nothing.

  LANGUAGE     a name that --list shows, such as python, java or go
  FOLDER       new or empty
  --api        one of spec/apis.json; access-v1 unless given
  --property   an option of the language, such as packageName=finapi; can be repeated
  --list       show the languages
  --help       this text

Exit codes: 0 done, 1 failed; then FOLDER is as it was.
`;

await run(async () => {
  const { values, positionals } = readArguments(
    { options: { api: { type: 'string', default: 'access-v1' }, property: { type: 'string', multiple: true }, list: { type: 'boolean' } } },
    help,
  );
  const { api: id, property = [], list = false } = values as { api: string; property?: string[]; list?: boolean };
  if (list) {
    process.stdout.write(`${(await readLanguages()).join('\n')}\n`);
    return 0;
  }
  const [language, target, ...rest] = positionals;
  if (language === undefined || target === undefined || rest.length > 0)
    throw new InputError({ message: 'expected a language and a folder', hint: 'see --help' });
  const odd = property.find((it) => !/^\w+=./.test(it));
  if (odd !== undefined) throw new InputError({ message: `--property takes NAME=VALUE, not ${odd}` });
  const apis = readApis(repository);
  const api = apis.find((it) => it.id === id);
  if (api === undefined)
    throw new InputError({ message: `there is no API ${id}`, hint: `spec/apis.json knows: ${apis.map((it) => it.id).join(', ')}` });

  const start = performance.now();
  // npm runs scripts in the repository; the folder is named from where the user stands.
  const here = process.env.INIT_CWD ?? process.cwd();
  const folder = resolve(here, target);
  const document = readDocument(repository, locate(repository, api).document, 'run: npm run generate').value as Node;
  let written = 0;
  progress(`${language}: starting OpenAPI Generator …`);
  const onLine = (line: string): void => {
    if (line.includes('writing file')) progress(`${language}: ${++written} files …`);
  };
  const count = await stoppable((signal) => exportSdk({ language, folder, document, properties: property }, { onLine, signal }));
  progress('');
  process.stdout.write(`${style('bold', language)}  ${count} files in ${relative(here, folder) || '.'}  ${seconds(start)}\n`);
  return 0;
});
