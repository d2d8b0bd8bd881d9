// The update of an API to another document: everything from reading it to the tested client, in a copy of the repository.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Api, locate, readOverlays } from '../apis.ts';
import { type Break, compileBefore } from '../compat.ts';
import { type Bump, bumpOf, type Change } from '../diff/change.ts';
import { diff } from '../diff/diff.ts';
import { arrange } from '../document/arrange.ts';
import { isNode, type Node } from '../document/grammar.ts';
import { type Imported, importDocument, importerVersion } from '../document/import.ts';
import { type PublishedDocument, readDocument } from '../document/read.ts';
import { type Path, parse, print } from '../document/yaml.ts';
import { generatorsCode } from '../emit/provenance.ts';
import { InputError, type Problem } from '../errors.ts';
import { commit, differences, nameOf, readText } from '../files.ts';
import { type Generated, generate, generators } from '../generate.ts';
import { textHash } from '../hash.ts';
import { draftMark } from '../lint.ts';
import { mockDocument } from '../mock.ts';
import { applyOverlay, type Overlay } from '../overlay/apply.ts';
import { inStage, type Stage } from './stage.ts';
import { drafts, type LostWords, prune } from './words.ts';

export interface UpdateOptions {
  readonly root: string;
  readonly api: Api;
  /** A path, or an http(s) URL. */
  readonly input: string;
  /** The document before, in place of the committed one. */
  readonly from?: string;
  readonly remoteRefs?: boolean;
  readonly keepProse?: boolean;
  readonly draftDocs?: boolean;
  /** Whether the contract tests run, and the code of the version before is compiled. */
  readonly tests?: boolean;
  readonly onStep?: (step: string) => void;
}

/** Everything that a report says. */
export interface Update {
  readonly before: string;
  readonly after: string;
  readonly changes: readonly Change[];
  readonly bump: Bump | undefined;
  readonly lost: readonly LostWords[];
  readonly wordless: readonly Path[];
  /** What of the version before does not compile any more. */
  readonly breaks: readonly Break[];
  /** What the reader or the importer left out, and what was not checked. */
  readonly notes: readonly string[];
  /** The document as composed. */
  readonly document: Node;
  /** What is to be written, by absolute path; `null` for a file that must go. */
  readonly files: ReadonlyMap<string, string | null>;
}

/** `undefined` where the document says what the committed one says. Nothing is written: `files` is what would be. */
export async function update(options: UpdateOptions): Promise<Update | undefined> {
  const { root, api, input, from, onStep = () => {} } = options;
  const paths = locate(root, api);
  onStep('reading');
  const published = await readDocument(root, input, { remoteRefs: options.remoteRefs ?? false });

  onStep('importing');
  const committed = existsSync(paths.source) ? parse(nameOf(root, paths.source), readText(root, paths.source)) : undefined;
  const imported = importDocument(published, committed?.value, { keepProse: options.keepProse ?? false });
  const source = print(imported.document);
  const upgrade = generatorUpgrade(root, api);
  if (from === undefined && source === committed?.text && upgrade === undefined) return undefined;

  onStep('composing');
  const composed = composeWith(imported.document, readOverlays(root, api), nameOf(root, paths.source));
  const old = await before(options, committed?.value);

  return inStage(root, async (stage) => {
    const there = locate(stage.root, api);
    const inputs = new Map<string, string | null>([
      [there.source, source],
      [join(there.spec, 'provenance.yaml'), provenance(published)],
    ]);
    for (const [file, text] of composed.overlays) inputs.set(join(stage.root, file), text);
    commit(inputs);

    let generated = await generateIn(stage, options, onStep);
    if (options.draftDocs === true) {
      const file = join(there.overlays, 'docs/drafts.yaml');
      const stubs = newStubs(api.title, composed.document, generated.wordless, file);
      if (stubs !== undefined) {
        inputs.set(file, stubs);
        commit(new Map([[file, stubs]]));
        generated = await generateIn(stage, options, onStep);
      }
    }
    // The mock's overlay is a layer as well: what in it has no effect stops the update.
    mockDocument(stage.root, api);

    onStep('comparing');
    const text = generated.files.get(there.document) ?? '';
    const after = parse(nameOf(stage.root, there.document), text).value as Node;
    const changes = old === undefined ? [] : diff(old.document, after);

    onStep('type-checking');
    await mustSucceed(stage, 'the generated client does not compile', join(stage.root, 'node_modules/.bin/tsc'), [
      '-p',
      'packages/client/tsconfig.json',
    ]);
    const checked = options.tests === false ? { breaks: [], notes: [] } : await test(stage, onStep);

    const files = new Map<string, string | null>();
    for (const [path, content] of [...inputs, ...generated.files]) files.set(join(root, relative(stage.root, path)), content);
    return {
      before: old?.name ?? 'nothing',
      after: titleOf(imported.document),
      changes,
      bump: bumpFor(old !== undefined, checked.breaks, changes, upgrade),
      lost: composed.lost,
      wordless: generated.wordless,
      breaks: checked.breaks,
      notes: [...(upgrade === undefined ? [] : [upgrade]), ...published.notes, ...leftOutOf(imported), ...checked.notes],
      document: after,
      files: differences(files),
    };
  });
}

/** What is said where other versions of the generators wrote what is committed: it is checked as another document would be. */
function generatorUpgrade(root: string, api: Api): string | undefined {
  const path = join(locate(root, api).generated, 'provenance.ts');
  if (!existsSync(path)) return undefined;
  const before = /generators: \{ (.*) \}/.exec(readText(root, path))?.[1];
  const now = generatorsCode(generators(root));
  return before === undefined || before === now ? undefined : `the generators were ${before}, and are ${now}`;
}

/** Code that no longer compiles breaks, whatever the documents say; other code of the same document is a release as well. */
function bumpFor(known: boolean, breaks: readonly Break[], changes: readonly Change[], upgrade: string | undefined): Bump | undefined {
  if (breaks.length > 0) return 'major';
  if (!known) return 'minor';
  return bumpOf(changes) ?? (upgrade === undefined ? undefined : 'patch');
}

const titleOf = ({ info }: Node): string => (isNode(info) ? `${info.title} ${info.version}` : 'a document without a title');

function leftOutOf({ leftOut }: Imported): string[] {
  return [...leftOut].map(([keyword, places]) => `${keyword} is unknown here and was left out, in ${places} places`);
}

/** Where the source comes from. The file itself is never part of the repository. */
function provenance({ text, value, written }: PublishedDocument): string {
  const info = isNode(value.info) ? value.info : {};
  return print({
    title: info.title,
    version: info.version,
    written: `${written === '2.0' ? 'Swagger' : 'OpenAPI'} ${written}`,
    sha256: textHash(text),
    importer: importerVersion,
  });
}

interface Composed {
  readonly document: Node;
  readonly lost: readonly LostWords[];
  /** Overlays that have changed, by file name; `null` for one of which nothing is left. */
  readonly overlays: ReadonlyMap<string, string | null>;
}

/** Puts the layers on, as generating will; words that have lost their place are taken out of their files. */
function composeWith(imported: Node, overlays: readonly Overlay[], file: string): Composed {
  if (!isNode(imported.paths)) throw new InputError({ file, message: 'the document has no paths' });
  const document = structuredClone(imported);
  const problems: Problem[] = [];
  const lost: LostWords[] = [];
  const changed = new Map<string, string | null>();
  for (const overlay of overlays) {
    if (overlay.layer !== 'docs') {
      problems.push(...applyOverlay(document, overlay));
      continue;
    }
    const { text, lost: words } = prune(document, overlay);
    lost.push(...words);
    if (words.length > 0) changed.set(overlay.source.file, text);
    if (text !== null) problems.push(...applyOverlay(document, { layer: 'docs', source: parse(overlay.source.file, text) }));
  }
  if (problems.length > 0) throw new InputError(problems);
  return { document, lost, overlays: changed };
}

/** The document before, composed: the committed one, or another with as many of our layers as fit. */
async function before(options: UpdateOptions, known: unknown): Promise<{ readonly document: Node; readonly name: string } | undefined> {
  const { root, api, from } = options;
  if (from !== undefined) {
    const document = importDocument(await readDocument(root, from, { remoteRefs: options.remoteRefs ?? false }), known).document;
    // What does not fit has no node there; the layers were written for another version.
    for (const overlay of readOverlays(root, api)) applyOverlay(document, overlay);
    return { document: arrange(document, known), name: titleOf(document) };
  }
  const { document } = locate(root, api);
  if (!existsSync(document)) return undefined;
  const { value } = parse(nameOf(root, document), readText(root, document));
  return isNode(value) ? { document: value, name: titleOf(value) } : undefined;
}

/** Stubs for what has no words at all, behind those that are there already. */
function newStubs(title: string, document: Node, wordless: readonly Path[], file: string): string | undefined {
  const described = (path: Path): boolean => {
    const node = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], document);
    return isNode(node) && typeof node.description === 'string' && node.description.startsWith(draftMark);
  };
  const places = wordless.filter((path) => !described(path));
  if (places.length === 0) return undefined;
  const text = drafts(title, document, places);
  if (!existsSync(file)) return text;
  return `${readText('', file).trimEnd()}\n${text.slice(text.indexOf('actions:\n') + 'actions:\n'.length)}`;
}

async function generateIn(stage: Stage, { api }: UpdateOptions, onStep: (step: string) => void): Promise<Generated> {
  onStep('generating');
  const generated = await generate(stage.root, api, { force: true, wordless: true });
  commit(differences(generated.files));
  return generated;
}

async function test(stage: Stage, onStep: (step: string) => void): Promise<{ breaks: readonly Break[]; notes: readonly string[] }> {
  onStep('building');
  for (const name of ['client', 'testing'])
    await mustSucceed(stage, 'the packages cannot be built', 'npm', ['run', 'build', '-w', `@finapi-ts/${name}`]);
  onStep('running the contract tests');
  await mustSucceed(stage, 'the contract tests fail', 'npm', ['test', '-w', '@finapi-ts/contract-tests']);
  if (!existsSync(join(stage.root, '.git')))
    return { breaks: [], notes: ['there is no history here, so no code of the version before was compiled'] };
  onStep('compiling the code of the version before');
  const { breaks, leftOut } = await compileBefore({ ref: 'HEAD', root: stage.root });
  return { breaks, notes: leftOut.map(({ file, imports }) => `${file} was not compiled: it imports ${imports}`) };
}

async function mustSucceed(stage: Stage, message: string, program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await stage.run(program, args);
  if (code === 0) return;
  const tail = output.trimEnd().split('\n').slice(-30).join('\n');
  throw new InputError({ message: `${message}; nothing was changed`, hint: tail.replaceAll(stage.root, '.') });
}
