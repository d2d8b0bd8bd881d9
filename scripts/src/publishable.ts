// What must never reach the registry: finAPI's own words, words that nobody has written yet, code that is not what is generated.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, locate, readApis } from './apis.ts';
import { isNode } from './document/grammar.ts';
import { lineOf, type Path, parse } from './document/yaml.ts';
import { InputError, type Problem } from './errors.ts';
import { differences, listFiles, nameOf, readText } from './files.ts';
import { draftMark } from './lint.ts';
import { type Run, readRecord, writeRecord } from './record.ts';

/** Every reason not to publish; none where all is well. */
export async function reasonsAgainst(root: string): Promise<Problem[]> {
  const apis = readApis(root);
  const problems = apis.flatMap((api) => [...keptProse(root, api), ...draftsOf(root, api)]);
  // Generating would only say the same again, in more words.
  return problems.length > 0 ? problems : outdated(root, apis);
}

function keptProse(root: string, api: Api): Problem[] {
  const { source, document } = locate(root, api);
  return [source, document].filter(existsSync).flatMap((path) => {
    const parsed = parse(nameOf(root, path), readText(root, path));
    if (!isNode(parsed.value) || (parsed.value['x-not-for-publishing'] ?? false) === false) return [];
    return {
      file: parsed.file,
      line: lineOf(parsed, ['x-not-for-publishing']),
      message: 'this holds finAPI’s own words, which are for private use only',
      hint: `import the document without --keep-prose: npm run spec:update -- ${api.id} DOCUMENT`,
    };
  });
}

function draftsOf(root: string, api: Api): Problem[] {
  const { overlays } = locate(root, api);
  const files = listFiles(overlays).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) => {
    const path = join(overlays, name);
    const text = readText(root, path);
    if (!text.includes(draftMark)) return [];
    const parsed = parse(nameOf(root, path), text);
    return draftsIn(parsed.value).map((place) => ({
      file: parsed.file,
      line: lineOf(parsed, place),
      message: 'these words are a draft',
      hint: 'write them, then run: npm run generate',
    }));
  });
}

function draftsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return value.startsWith(draftMark) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => draftsIn(child, [...path, Array.isArray(value) ? Number(key) : key]));
}

/** The record of the last run answers at once; only where it does not, everything is generated to compare. */
async function outdated(root: string, apis: readonly Api[]): Promise<Problem[]> {
  const record = readRecord(root);
  const problems: Problem[] = [];
  const runs: Run[] = [];
  for (const api of apis.filter((it) => record(it) === undefined)) {
    const { generate } = await import('./generate.ts');
    try {
      const made = await generate(root, api);
      const changed = differences(made.files).size;
      const counts = `${made.operations} operations, ${made.schemas} schemas, ${made.described} places described`;
      if (changed === 0) runs.push({ api, counts, outputs: [...made.files.keys()] });
      else
        problems.push({ message: `${changed} files of ${api.id} are not what would be generated`, hint: 'mend it with: npm run generate' });
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      problems.push(...cause.problems);
    }
  }
  if (problems.length === 0) writeRecord(root, runs);
  return problems;
}
