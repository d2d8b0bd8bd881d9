// Where a generated client comes from: readable at run time as `client.provenance`.
import type { Model } from '../model.ts';
import { docComment } from './comment.ts';
import { literal } from './operations.ts';

export interface Provenance {
  /** Version of the API, as its document states it. */
  readonly version: string;
  /** SHA-256 of the composed `openapi.yaml`. */
  readonly document: string;
  /** SHA-256 of what the overlays say, in their order. */
  readonly overlays: string;
  /** Versions of what generated the code. */
  readonly generators: Readonly<Record<string, string>>;
}

/** The versions as code, by which a generated module tells what made it. */
export function generatorsCode(generators: Provenance['generators']): string {
  return Object.entries(generators)
    .map(([name, value]) => `${/^\w+$/.test(name) ? name : `'${name}'`}: ${literal(value)}`)
    .join(', ');
}

export function emitProvenance(id: string, model: Model, { version, document, overlays, generators }: Provenance): string {
  return `${docComment([`What this client was generated from: ${model.title} ${version}.`])}export const provenance = {
  api: '${id}',
  version: ${literal(version)},
  document: '${document}',
  overlays: '${overlays}',
  generators: { ${generatorsCode(generators)} },
} as const;
`;
}
