// Exports a client in another language, as OpenAPI Generator writes it.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@finapi-ts/scripts/errors';
import { listFiles } from '@finapi-ts/scripts/files';
import type { Node } from '@finapi-ts/scripts/grammar';
import { portable } from './document.ts';
import { type RunOptions, runToSuccess, withFolder } from './generator.ts';

/** The names of all languages, in the generator's order. */
export async function readLanguages(options: RunOptions = {}): Promise<string[]> {
  const { stdout } = await runToSuccess(['list', '--short'], options);
  return stdout.split(/[,\s]+/).filter((name) => name !== '');
}

export interface Export {
  readonly language: string;
  /** New or empty; written only once everything is there. */
  readonly folder: string;
  /** The composed document. */
  readonly document: Node;
  /** Options of the language, like `packageName=finapi`. */
  readonly properties?: readonly string[];
}

/** Returns the number of files written. */
export async function exportSdk({ language, folder, document, properties = [] }: Export, options: RunOptions = {}): Promise<number> {
  checkFolder(folder);
  const known = await readLanguages(options);
  if (!known.includes(language))
    throw new InputError({ message: `OpenAPI Generator has no language ${language}`, hint: `it has: ${known.join(', ')}` });
  return withFolder(async (temporary) => {
    const output = join(temporary, 'out');
    mkdirSync(output);
    const input = join(temporary, 'openapi.json');
    writeFileSync(input, JSON.stringify(portable(document)));
    const args = ['generate', '-g', language, '-i', input, '-o', output, ...properties.flatMap((property) => ['-p', property])];
    await runToSuccess(args, options);
    const count = listFiles(output).length;
    if (count === 0) throw new InputError({ message: `OpenAPI Generator wrote nothing for ${language}` });
    checkFolder(folder);
    copy(output, folder);
    return count;
  });
}

function checkFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const hint = 'give a folder that is new or empty';
  if (!statSync(folder).isDirectory()) throw new InputError({ file: folder, message: 'this is a file, a folder was expected', hint });
  if (readdirSync(folder).length > 0) throw new InputError({ file: folder, message: 'the folder is not empty', hint });
}

/** All or nothing; it does not give way to the event loop, so Ctrl-C cannot come in between. */
function copy(from: string, folder: string): void {
  let made: string | undefined;
  try {
    made = mkdirSync(folder, { recursive: true });
    cpSync(from, folder, { recursive: true });
  } catch (cause) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    else if (existsSync(folder) && statSync(folder).isDirectory())
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    throw new InputError({
      file: folder,
      message: `nothing was written: ${(cause as Error).message}`,
      hint: 'check free space and rights',
    });
  }
}
