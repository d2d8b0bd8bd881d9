// The page that Redocly's build-docs makes of an API's document, kept from asking any other host for anything.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Api, locate } from '@finapi-ts/scripts/apis';
import { InputError } from '@finapi-ts/scripts/errors';
import { commit, listFiles, nameOf, readText } from '@finapi-ts/scripts/files';
import { project } from './layout.ts';

const site = dirname(import.meta.dirname);
const template = join(site, 'assets/redoc.hbs');
const cache = join(site, 'node_modules/.cache/redoc');
const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');

// Redoc's own mark is the one picture that it loads from its host. It is drawn here instead, as a word.
const mark = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini(?:-full)?\.svg/g;
const drawn = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="16"><text x="1" y="12" font-family="sans-serif" font-size="12" fill="#2467f2">Redocly</text></svg>',
)}`;

/** HTML of an API's document. What was rendered before, by the same Redocly, comes from the cache below `node_modules`. */
export async function renderDocument(root: string, api: Api): Promise<string> {
  const { document } = locate(root, api);
  const inputs = [readText(root, document, 'make it with: npm run generate'), JSON.stringify(api)];
  for (const file of [manifest, template, import.meta.filename]) inputs.push(readFileSync(file, 'utf8'));
  const name = `${api.id}-${createHash('sha256').update(inputs.join('\0')).digest('hex').slice(0, 16)}.html`;
  if (existsSync(join(cache, name))) return readFileSync(join(cache, name), 'utf8');

  const folder = mkdtempSync(join(tmpdir(), 'finapi-redoc-'));
  try {
    const output = join(folder, 'openapi.html');
    await redocly(nameOf(root, document), folder, [
      'build-docs',
      document,
      '--inlineBundle',
      `--output=${output}`,
      `--title=${api.title} · OpenAPI document · ${project}`,
      `--template=${template}`,
      `--templateOptions.description=Every operation and schema of ${api.title}, drawn from its OpenAPI document.`,
      `--templateOptions.back=${api.title} in ${project}`,
    ]);
    const html = readFileSync(output, 'utf8').replace(mark, drawn);
    // The page's security policy would stop it, but a reader would see that something is missing.
    if (!html.includes('"disableTelemetry":true') || /(?:src|href|from) ?[=:]? ?["'`]https:\/\/cdn\./.test(html))
      throw new Error('the page that Redocly makes would load something from another host; see site/src/redoc.ts');
    const old = listFiles(cache).filter((file) => file.startsWith(`${api.id}-`));
    commit(new Map([...old.map((file) => [join(cache, file), null] as const), [join(cache, name), html]]));
    return html;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs Redocly in an empty folder, where it finds no configuration, and without its messages to others. */
async function redocly(file: string, folder: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  const child = spawn(process.execPath, [join(dirname(manifest), 'bin/cli.js'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0)
    throw new InputError({
      file,
      message: `Redocly could not render the document (exit code ${code})`,
      hint: said.trim().split('\n').slice(-12).join('\n    '),
    });
}
