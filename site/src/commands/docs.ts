// npm run docs: builds the site, and serves it to who sits in front of a terminal.
import { join, resolve } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';
import { progress, readArguments, run, seconds, style } from '@finapi-ts/scripts/cli';
import { InputError } from '@finapi-ts/scripts/errors';
import { nameOf } from '@finapi-ts/scripts/files';
import { build } from '../build.ts';
import { serve } from '../serve.ts';

const help = `Usage: npm run docs [-- [--build | --serve] [--port PORT] [--out FOLDER]]

Builds the site of static files: the guides, the reference of every API in spec/apis.json, the pages about the project,
and each OpenAPI document as Redocly draws it. It asks no other host for anything, and works from any folder of a host
or from files. In a terminal it is then served until Ctrl-C.

  --build   only build; so it is anyway where the output is no terminal
  --serve   build and serve, in a terminal or not
  --port    4020 unless given; 0 takes a free one
  --out     the folder to build into; site/dist unless given
  --help    this text

Exit codes: 0 done, 1 failed.
`;

await run(async () => {
  const options = { build: { type: 'boolean' }, serve: { type: 'boolean' }, port: { type: 'string' }, out: { type: 'string' } } as const;
  const { values, positionals } = readArguments({ options }, help);
  const {
    build: only = false,
    serve: always = false,
    port,
    out,
  } = values as { build?: boolean; serve?: boolean; port?: string; out?: string };
  if (positionals.length > 0) throw new InputError({ message: `unexpected argument ${positionals[0]}`, hint: 'see --help' });
  if (only && (always || port !== undefined)) throw new InputError({ message: '--build does not serve', hint: 'see --help' });
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) < 65_536))
    throw new InputError({ message: `--port takes a number up to 65535, not ${port}` });

  const start = performance.now();
  // npm runs scripts in the repository; INIT_CWD is where the person is.
  const folder = out === undefined ? join(repository, 'site/dist') : resolve(process.env['INIT_CWD'] ?? '.', out);
  const { pages, bytes, dropped } = await build(repository, folder, (step) => progress(`${step} …`));
  progress('');
  for (const { file, line, target } of dropped)
    process.stdout.write(
      `${style('yellow', 'no link')} ${file}:${line}: ${target} is not part of the site, its words stay without a link\n`,
    );
  process.stdout.write(
    `${style('green', 'done')} ${pages} pages, ${(bytes / 1e6).toFixed(1)} MB in ${nameOf(repository, folder)}  ${seconds(start)}\n`,
  );
  if (only || !(always || port !== undefined || process.stdout.isTTY)) return 0;

  const server = await serve(folder, Number(port ?? '4020'));
  process.stdout.write(`${style('bold', 'site')} at ${server.url} until Ctrl-C\n`);
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop()).once('SIGTERM', () => stop());
  });
  await server.close();
  return 0;
});
