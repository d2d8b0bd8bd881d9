// The update of an API to another document: everything from reading it to the tested client, in a copy of the repository.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Api, locate, readMockOverlay, readOverlays } from '../apis.ts';
import { type Break, compileBefore } from '../compat.ts';
import { type Bump, bumpOf, type Change } from '../diff/change.ts';
import { diff } from '../diff/diff.ts';
import { titleOf } from '../diff/report.ts';
import { arrange } from '../document/arrange.ts';
import { isNode, type Node, walk } from '../document/grammar.ts';
import { type Imported, importDocument, importerVersion } from '../document/import.ts';
import { type PublishedDocument, readDocument } from '../document/read.ts';
import { lineOf, type Path, parse, pathAt, print, type Source } from '../document/yaml.ts';
import { isDraft } from '../draft.ts';
import { generatorsCode } from '../emit/provenance.ts';
import { InputError, type Problem } from '../errors.ts';
import { commit, differences, nameOf, readText } from '../files.ts';
import type { Generated } from '../generate.ts';
import { generators } from '../generators.ts';
import { textHash } from '../hash.ts';
import { mockDocument } from '../mock.ts';
import { applyOverlay, type Overlay } from '../overlay/apply.ts';
import { inStage, type Stage } from './stage.ts';
import { append, draftTokens, draftWords, type LostWords, prune, targetOf } from './words.ts';

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
  /** What is asked of the generated client; the type check and, unless they are turned off, the tests. */
  readonly check?: (stage: Stage) => Promise<Checked>;
  readonly onStep?: (step: string) => void;
}

/** What the checks have found that does not stop an update. */
export interface Checked {
  readonly breaks: readonly Break[];
  readonly notes: readonly string[];
}

/** Everything that a report says. */
export interface Update {
  readonly before: string;
  readonly after: string;
  /** Whether there is no document before. */
  readonly isFirst: boolean;
  readonly changes: readonly Change[];
  readonly bump: Bump | undefined;
  readonly lost: readonly LostWords[];
  readonly wordless: readonly Path[];
  /** Operations whose token is a draft. */
  readonly undecided: readonly Path[];
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

  requireEntries(root, api);
  onStep('composing');
  const composed = composeWith(imported.document, readOverlays(root, api), options);
  const old = await before(options, committed?.value);

  return inStage(root, async (stage) => {
    const there = locate(stage.root, api);
    const inputs = new Map<string, string | null>([
      [there.source, source],
      [join(there.spec, 'provenance.yaml'), provenance(published)],
    ]);
    for (const [file, text] of composed.overlays) inputs.set(join(stage.root, file), text);
    commit(inputs);

    let generated = await generateIn(stage, published, options, onStep);
    if (options.draftDocs === true) {
      const file = join(there.overlays, 'docs/drafts.yaml');
      const stubs = newStubs(api, generated, stage.root);
      if (stubs !== undefined) {
        inputs.set(file, stubs);
        commit(new Map([[file, stubs]]));
        generated = await generateIn(stage, published, options, onStep);
      }
    }
    // Its overlay fits by now; what else the mock asks of a document is asked here.
    mockDocument(stage.root, api);

    onStep('comparing');
    const text = generated.files.get(there.document) ?? '';
    const after = parse(nameOf(stage.root, there.document), text).value as Node;
    const changes = old === undefined ? [] : diff(old.document, after);

    const checked = await (options.check ?? ((it: Stage) => checkAll(it, options.tests ?? true, onStep)))(stage);

    const files = new Map<string, string | null>();
    for (const [path, content] of [...inputs, ...generated.files]) files.set(join(root, relative(stage.root, path)), content);
    return {
      before: old?.name ?? 'nothing',
      after: titleOf(imported.document),
      isFirst: old === undefined,
      changes,
      bump: bumpFor(old !== undefined, checked.breaks, changes, upgrade),
      lost: composed.lost,
      wordless: generated.wordless,
      undecided: generated.undecided,
      breaks: checked.breaks,
      notes: [
        ...(options.keepProse === true ? [kept] : []),
        ...(upgrade === undefined ? [] : [upgrade]),
        ...published.notes,
        ...leftOutOf(imported),
        ...checked.notes,
      ],
      document: after,
      files: differences(files),
    };
  });
}

/** Nobody could import a new API without entries of its own, the tests neither. */
function requireEntries(root: string, { id }: Api): void {
  const path = join(root, 'packages/client/package.json');
  if (!existsSync(path)) return;
  const { exports } = JSON.parse(readText(root, path)) as { exports?: Record<string, unknown> };
  if (exports === undefined || exports[`./${id}`] !== undefined) return;
  throw new InputError({
    file: nameOf(root, path),
    message: `exports has no entry ./${id}`,
    hint: `add ./${id} and what belongs to it, as the other APIs have them`,
  });
}

const kept = 'the publisher’s own words were kept: what comes of this must not be published';

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

/**
 * Puts the layers on, as generating will; facts and words that have lost their place are taken out of their files. A fix must find
 * its fault, so one that finds nothing stops the update.
 */
function composeWith(imported: Node, overlays: readonly Overlay[], { root, api, input, draftDocs = false }: UpdateOptions): Composed {
  if (!isNode(imported.paths)) throw new InputError({ file: nameOf(root, input), message: 'the document has no paths' });
  const document = structuredClone(imported);
  const problems: Problem[] = [];
  const lost: LostWords[] = [];
  const changed = new Map<string, string | null>();
  const facts = nameOf(root, join(locate(root, api).overlays, 'facts.yaml'));
  const own = overlays.filter(({ shared }) => shared !== true);
  for (const overlay of own.filter(({ layer }) => layer === 'fixes')) problems.push(...applyOverlay(document, overlay));
  /** Applies what of an overlay has a place, notes the rest, and returns what is left of it. */
  const applyPlaced = (overlay: Overlay): Source | undefined => {
    const { text, lost: without } = prune(document, overlay);
    lost.push(...without);
    if (without.length > 0) changed.set(overlay.source.file, text);
    if (text === null) return undefined;
    const source = parse(overlay.source.file, text);
    problems.push(...applyOverlay(document, { layer: overlay.layer, source }));
    return source;
  };
  const [stated] = own.filter(({ layer }) => layer === 'facts').map(applyPlaced);
  // Once all facts are known to hold, what they do not say yet is all that can be missing.
  const tokenless = problems.length > 0 ? [] : operationsWithoutToken(document);
  if (tokenless.length > 0) {
    const actions = draftTokens(document, tokenless);
    if (!draftDocs) problems.push(...tokenless.map((path, index) => missingToken(document, path, facts, actions[index]?.target)));
    const text = append(`${api.title}: facts`, stated, actions);
    changed.set(facts, text);
    applyOverlay(document, { layer: 'facts', source: parse(facts, append('', undefined, actions)) });
  }
  for (const overlay of own) if (overlay.layer === 'docs') applyPlaced(overlay);
  problems.push(...mockProblems(document, overlays, readMockOverlay(root, api)));
  if (problems.length > 0) throw new InputError(problems);
  return { document, lost, overlays: changed };
}

/** The mock's overlay is a layer as well: what in it has no effect stops the update, and is told with all the rest. */
function mockProblems(document: Node, overlays: readonly Overlay[], mock: Overlay | undefined): Problem[] {
  if (mock === undefined) return [];
  const whole = structuredClone(document);
  for (const overlay of overlays.filter(({ shared }) => shared === true)) applyOverlay(whole, overlay);
  return applyOverlay(whole, mock);
}

const operationsWithoutToken = (document: Node): Path[] =>
  walk(document)
    .filter(({ node, kind }) => kind === 'operation' && node['x-finapi-token'] === undefined)
    .map(({ path }) => path);

/** The document cannot say which token an operation takes; somebody has to, before the operation is here. */
function missingToken(document: Node, path: Path, file: string, target: unknown): Problem {
  const [, template, method] = path;
  const operation = follow(document, path);
  const id = isNode(operation) && typeof operation.operationId === 'string' ? ` (${operation.operationId})` : '';
  return {
    file,
    message: `${String(method).toUpperCase()} ${template}${id} is new, and nothing says which token it takes`,
    hint: `add this, with those of client, user and admin that it takes, or [] for none, and run the update again:
      - target: ${target}
        update:
          x-finapi-token: [user]
    or run it with --draft-docs, which leaves this to be decided later`,
  };
}

const follow = (document: Node, path: Path): unknown =>
  path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], document);

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
function newStubs(api: Api, { files, wordless }: Generated, root: string): string | undefined {
  const there = locate(root, api);
  const document = parse('', files.get(there.document) ?? '').value as Node;
  const isStub = (path: Path): boolean => {
    const node = follow(document, path);
    return isNode(node) && isDraft(node.description);
  };
  const places = wordless.filter((path) => !isStub(path));
  if (places.length === 0) return undefined;
  const file = join(there.overlays, 'docs/drafts.yaml');
  const before = existsSync(file) ? parse(nameOf(root, file), readText(root, file)) : undefined;
  return append(`${api.title}: words to be written`, before, draftWords(document, places));
}

async function generateIn(
  stage: Stage,
  published: PublishedDocument,
  { api }: UpdateOptions,
  onStep: (step: string) => void,
): Promise<Generated> {
  onStep('generating');
  // Loaded here, since it takes longer than finding that nothing has changed.
  const { generate } = await import('../generate.ts');
  let composed: Source<Node> | undefined;
  const onComposed = (document: Source<Node>): void => {
    composed = document;
  };
  try {
    const generated = await generate(stage.root, api, { force: true, wordless: true, onComposed });
    commit(differences(generated.files));
    return generated;
  } catch (cause) {
    if (!(cause instanceof InputError) || composed === undefined) throw cause;
    const document = composed;
    const problems = cause.problems.map((problem) =>
      problem.file === document.file ? placedAnew(problem, document, published, api) : problem,
    );
    throw new InputError(problems.map((problem, index) => ({ ...hintFor(problems, index, api), ...problem })));
  }
}

/** A problem of the composed document, which is on no disk yet, as one of the document that was given. */
function placedAnew({ message, line, ...rest }: Problem, composed: Source<Node>, published: PublishedDocument, api: Api): Problem {
  const path = line === undefined ? [] : pathAt(composed, line);
  const value = path.length === 0 ? undefined : follow(composed.value, path);
  // Such a field is taken away by a fix that is always the same.
  const isExtra = /^The field \S+ is not allowed here/.test(message) && typeof value !== 'object';
  return {
    // What was upgraded has its nodes in other places.
    ...(line === undefined || published.written === '2.0' ? {} : { line: lineOf(published, path) }),
    ...(isExtra
      ? { hint: `an action of spec/${api.id}/overlays/fixes.yaml mends it:\n${fixOf(targetOf(composed.value, path), value)}` }
      : {}),
    ...rest,
    file: published.file,
    message: path.length === 0 ? message : `${message}, at ${targetOf(composed.value, path)}`,
  };
}

const fixOf = (target: string, value: unknown): string => `      - target: ${target}
        x-reason: OpenAPI knows no such field.
        x-fault: { is: ${JSON.stringify(value)} }
        remove: true`;

/** The way out, said once for all that follow each other. */
function hintFor(problems: readonly Problem[], index: number, { id }: Api): Partial<Problem> {
  const isLast = problems.slice(index + 1).every(({ hint }) => hint !== undefined);
  const files = `spec/${id}/overlays/fixes.yaml mends what the document does wrong, spec/${id}/lint-ignore.yaml allows it`;
  return isLast ? { hint: `${files}; our own words are in spec/${id}/overlays/docs` } : {};
}

async function checkAll(stage: Stage, tests: boolean, onStep: (step: string) => void): Promise<Checked> {
  onStep('type-checking');
  const tsc = join(stage.root, 'node_modules/typescript/bin/tsc');
  await mustSucceed(stage, 'the generated client does not compile', process.execPath, [tsc, '-p', 'packages/client/tsconfig.json']);
  if (!tests) return { breaks: [], notes: ['neither tests were run nor code of the version before compiled'] };
  onStep('building');
  for (const name of packagesIn(stage.root)) await mustSucceed(stage, `${name} cannot be built`, ...npm('run', 'build', '-w', name));
  onStep('running the contract tests');
  await mustSucceed(stage, 'the contract tests fail', ...npm('test', '-w', '@finapi-ts/contract-tests'));
  if (!existsSync(join(stage.root, '.git')))
    return { breaks: [], notes: ['there is no history here, so no code of the version before was compiled'] };
  onStep('compiling the code of the version before');
  const { breaks, leftOut } = await compileBefore({ ref: 'HEAD', root: stage.root });
  return { breaks, notes: leftOut.map(({ file, imports }) => `${file} was not compiled: it imports ${imports}`) };
}

/** The packages, those first that others need. */
function packagesIn(root: string): string[] {
  const manifests = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'package.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readText(root, path)) as { name: string; dependencies?: object; peerDependencies?: object });
  const needs = ({ dependencies = {}, peerDependencies = {} }: (typeof manifests)[number]): number =>
    Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => manifests.some((it) => it.name === name)).length;
  return manifests.toSorted((a, b) => needs(a) - needs(b)).map(({ name }) => name);
}

/** npm as it was started, where it was: on Windows it is no program of its own. */
function npm(...args: string[]): [string, string[]] {
  const started = process.env.npm_execpath;
  return started === undefined ? ['npm', args] : [process.execPath, [started, ...args]];
}

async function mustSucceed(stage: Stage, message: string, program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await stage.run(program, args);
  if (code === 0) return;
  const tail = output.trimEnd().split('\n').slice(-30).join('\n');
  throw new InputError({ message: `${message}; nothing was changed`, hint: tail.replaceAll(stage.root, '.') });
}
