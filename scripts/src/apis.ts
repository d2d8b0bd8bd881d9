// Which APIs the house holds, and where their files lie.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type Source } from './document/yaml.ts';
import { InputError } from './errors.ts';
import { listFiles, nameOf, readText } from './files.ts';
import type { Layer, Overlay } from './overlay/apply.ts';

/** The repository that the scripts belong to. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An entry of `spec/apis.json`. */
export interface Api {
  /** Folder below `spec/` and entry of the client, like `access-v1`. */
  readonly id: string;
  /** Name in code, like `AccessV1`. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** Folder below `spec/shared/` whose words this API shares with others, like `access`. */
  readonly shared?: string;
}

export function readApis(root: string): Api[] {
  const path = join(root, 'spec/apis.json');
  const source = parse('spec/apis.json', readText(root, path));
  const list = source.value;
  if (!Array.isArray(list))
    throw new InputError({ file: source.file, line: 1, message: 'expected a list of APIs, each with `id`, `name` and `title`' });
  const ids = new Set<string>();
  return list.map((entry, index) => {
    const { id, name, title, shared } = (entry ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || !/^[a-z][a-z0-9-]*$/.test(id))
      throw new InputError({ file: source.file, message: `entry ${index + 1}: \`id\` must be a folder name such as access-v1` });
    if (typeof name !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(name))
      throw new InputError({ file: source.file, message: `${id}: \`name\` must be a type name such as AccessV1` });
    if (typeof title !== 'string') throw new InputError({ file: source.file, message: `${id}: \`title\` is missing` });
    if (shared !== undefined && (typeof shared !== 'string' || !/^[a-z][a-z0-9-]*$/.test(shared)))
      throw new InputError({ file: source.file, message: `${id}: \`shared\` must be the name of a folder below spec/shared` });
    if (ids.has(id)) throw new InputError({ file: source.file, message: `${id} is there twice` });
    ids.add(id);
    return { id, name, title, ...(shared === undefined ? {} : { shared }) };
  });
}

/** Paths of an API's files. */
export function locate(root: string, api: Pick<Api, 'id' | 'shared'>) {
  const spec = join(root, 'spec', api.id);
  return {
    spec,
    source: join(spec, 'source.yaml'),
    document: join(spec, 'openapi.yaml'),
    ignore: join(spec, 'lint-ignore.yaml'),
    overlays: join(spec, 'overlays'),
    shared: api.shared === undefined ? undefined : join(root, 'spec/shared', api.shared),
    generated: join(root, 'packages/client/src/generated', api.id),
    pages: join(root, 'packages/client/docs', api.id),
    answers: join(root, 'packages/testing/src/generated', api.id),
  };
}

/**
 * The overlays of an API in the order in which they apply. Words that APIs share come before its own, which may say it otherwise;
 * `common.yaml` of both goes before all the others.
 */
export function readOverlays(root: string, api: Pick<Api, 'id' | 'shared'>): Overlay[] {
  const { overlays: own, shared } = locate(root, api);
  const read = (layer: Layer, path: string): Overlay => ({ layer, source: parse(nameOf(root, path), readText(root, path)) });
  const folder = (from: string, isShared: boolean): Overlay[] =>
    listFiles(from)
      .filter((name) => /^[^/]*\.yaml$/.test(name))
      .map((name) => ({ ...read('docs', join(from, name)), ...(isShared ? { shared: true } : {}) }));
  const isCommon = ({ source }: Overlay): boolean => source.file.endsWith('/common.yaml');
  // Words first, then the examples, which may override each other only within their own files.
  const words = ['docs', 'docs/examples'].flatMap((part) => {
    const all = [...(shared === undefined ? [] : folder(join(shared, part), true)), ...folder(join(own, part), false)];
    return [...all.filter(isCommon), ...all.filter((overlay) => !isCommon(overlay))];
  });
  const facts = (['fixes', 'facts'] as const).filter((layer) => existsSync(join(own, `${layer}.yaml`)));
  return [...facts.map((layer) => read(layer, join(own, `${layer}.yaml`))), ...words];
}

/** The overlay that only the mock gets, if the API has one. */
export function readMockOverlay(root: string, api: Pick<Api, 'id'>): Overlay | undefined {
  const path = join(locate(root, api).overlays, 'mock.yaml');
  return existsSync(path) ? { layer: 'mock', source: parse(nameOf(root, path), readText(root, path)) } : undefined;
}

/** A document of an API, parsed. */
export function readDocument(root: string, path: string, hint: string): Source {
  return parse(nameOf(root, path), readText(root, path, hint));
}
