// npm run mock: serves an API's mock by hand, with Prism's own log of what it receives.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readApis, repository } from '@finapi-ts/scripts/apis';
import { readArguments, run, style } from '@finapi-ts/scripts/cli';
import { InputError } from '@finapi-ts/scripts/errors';
import { mockDocument } from '@finapi-ts/scripts/mock';
import { print } from '@finapi-ts/scripts/yaml';

const help = `Usage: npm run mock -- [API] [--port PORT]

Serves the mock of an API on this machine until Ctrl-C. It knows no state; every answer names its operation in the
header X-Mock-Operation, and \`Prefer: code=404\` asks for any answer that the document declares.

  API      one of spec/apis.json; access-v1 unless given
  --port   4010 unless given
  --help   this text
`;

await run(async () => {
  const { values, positionals } = readArguments({ options: { port: { type: 'string', default: '4010' } } }, help);
  const [id = 'access-v1'] = positionals;
  const { port } = values as { port: string };
  if (!/^\d{1,5}$/.test(port)) throw new InputError({ message: `--port takes a number, not ${port}` });
  const apis = readApis(repository);
  const api = apis.find((it) => it.id === id);
  if (api === undefined)
    throw new InputError({ message: `there is no API ${id}`, hint: `spec/apis.json knows: ${apis.map((it) => it.id).join(', ')}` });

  const folder = mkdtempSync(join(tmpdir(), 'finapi-mock-'));
  const file = join(folder, `${api.id}.yaml`);
  writeFileSync(file, print(mockDocument(repository, api)));
  const prism = join(dirname(createRequire(import.meta.url).resolve('@stoplight/prism-cli/package.json')), 'dist/index.js');
  const server = spawn(process.execPath, [prism, 'mock', '--port', port, file], { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = (): void => void server.kill();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const url = `http://127.0.0.1:${port}`;
  process.stdout.write(`${style('bold', api.title)} at ${url}; try:
  curl ${url}/oauth/token -d grant_type=client_credentials -d client_id=id -d client_secret=secret
`);
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once('error', reject).once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 0));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
