// Generates everything that follows from an API's source and overlays; a pure function of them but for reading files.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, locate, readDocument, readOverlays } from './apis.ts';
import { compose } from './document/compose.ts';
import { isNode, type Node } from './document/grammar.ts';
import { lineOf, type Path, parse, print, type Source } from './document/yaml.ts';
import { emitAll } from './emit/all.ts';
import { InputError } from './errors.ts';
import { listFiles, nameOf, readText } from './files.ts';
import { generators } from './generators.ts';
import { contentHash, textHash } from './hash.ts';
import { lint } from './lint.ts';
import { buildModel } from './model.ts';

export interface Generated {
  /** Contents by absolute path; `null` for a file that is no longer generated. */
  readonly files: Map<string, string | null>;
  readonly operations: number;
  readonly schemas: number;
  /** Places that need words. */
  readonly described: number;
  /** Those that have none: nothing is generated then, unless that was asked for. */
  readonly wordless: readonly Path[];
  /** Operations whose token is a draft, likewise. */
  readonly undecided: readonly Path[];
}

export interface GenerateOptions {
  /** Compose anew even where `openapi.yaml` was changed by hand. */
  readonly force?: boolean;
  /** Generate even where words are missing and tokens are drafts: an update does, and lists the places. */
  readonly wordless?: boolean;
  /** Given the composed document, which a message may be about. */
  readonly onComposed?: (document: Source<Node>) => void;
  /** Told what is being done. */
  readonly onStep?: (step: string) => void;
}

export async function generate(
  root: string,
  api: Api,
  { force = false, wordless = false, onComposed = () => {}, onStep = () => {} }: GenerateOptions = {},
): Promise<Generated> {
  const paths = locate(root, api);
  onStep('composing');
  const source = readDocument(root, paths.source, `import it: npm run spec:import -- ${api.id} <file>`);
  const overlays = readOverlays(root, api);
  const before = readBefore(root, api, force);
  const document = compose(source, overlays, before.trusted ? before.value : undefined);
  const text = print(document);
  if (before.recorded && !before.trusted && !force && contentHash(before.value) !== contentHash(document)) {
    throw new InputError({
      file: nameOf(root, paths.document),
      message: 'the composed document was changed by hand; its next composition would lose that',
      hint: `put the change into spec/${api.id}/overlays/, then run: npm run generate -- --force`,
    });
  }

  onStep('linting');
  const composed: Source<Node> = { file: nameOf(root, paths.document), text, value: document };
  onComposed(composed);
  const ignored = existsSync(paths.ignore) ? parse(nameOf(root, paths.ignore), readText(root, paths.ignore)) : undefined;
  const { problems, words, undecided } = await lint(composed, ignored, { wordless });
  const unwritten = words.undescribed.map((path) => ({
    file: composed.file,
    line: lineOf(composed, path),
    message: `${path.join(' / ')} has no description`,
    hint: `describe it in spec/${api.id}/overlays/docs/`,
  }));
  const drafted = undecided.map((path) => ({
    file: composed.file,
    line: lineOf(composed, path),
    message: `${path.slice(1).join(' / ')}: its token is a draft`,
    hint: `say which it takes in spec/${api.id}/overlays/facts.yaml: [] for none`,
  }));
  const missing = [...drafted, ...unwritten];
  if (wordless ? problems.length > 0 : problems.length + missing.length > 0)
    throw new InputError(wordless ? problems : [...problems, ...missing]);

  onStep('writing code');
  const model = buildModel(composed);
  const emitted = emitAll(api, model, {
    version: model.version,
    document: textHash(text),
    overlays: contentHash(overlays.map((overlay) => overlay.source.value)),
    generators: generators(root),
  });
  const files = new Map<string, string | null>([[paths.document, text]]);
  const folders = [
    [paths.generated, emitted.modules],
    [paths.pages, emitted.pages],
    [paths.answers, emitted.answers],
  ] as const;
  for (const [folder, contents] of folders) {
    for (const [name, content] of Object.entries(contents)) files.set(join(folder, name), content);
    for (const name of listFiles(folder)) if (contents[name] === undefined) files.set(join(folder, name), null);
  }
  return {
    files,
    operations: model.operations.length,
    schemas: model.schemas.size,
    described: words.places,
    wordless: words.undescribed,
    undecided,
  };
}

/** The composed document as it is, whether a generation recorded one, and whether it is that one, byte for byte. */
function readBefore(root: string, api: Api, force: boolean): { value: unknown; recorded: boolean; trusted: boolean } {
  const paths = locate(root, api);
  const nothing = { value: undefined, recorded: false, trusted: false };
  if (!existsSync(paths.document)) return nothing;
  try {
    const text = readText(root, paths.document);
    const { value } = parse(nameOf(root, paths.document), text);
    if (!isNode(value))
      throw new InputError({ file: nameOf(root, paths.document), line: 1, message: 'not an OpenAPI document: its root is not an object' });
    const record = join(paths.generated, 'provenance.ts');
    const recorded = existsSync(record);
    return { value, recorded, trusted: recorded && readFileSync(record, 'utf8').includes(`document: '${textHash(text)}'`) };
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    if (force) return nothing;
    throw new InputError(
      cause.problems.map((problem) => ({
        ...problem,
        hint: 'the file is composed from source and overlays; to compose it anew: npm run generate -- --force',
      })),
    );
  }
}
