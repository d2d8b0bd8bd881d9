// The fixtures, files that make the same 21 calls through the client and each of its peers, as a compiler's projects.
import { join } from 'node:path';
import type { Modules } from './peers.ts';
import { bench } from './places.ts';

export const fixtures = ['empty', 'client', 'openapi-fetch', 'hey-api', 'orval'] as const;
export type Fixture = (typeof fixtures)[number];

export const fixtureFile = (fixture: Fixture): string => join(bench, 'fixtures', `${fixture}.ts`);

/** A tsconfig as strict applications have it; `modules` tells where generated code lies. */
export function project(fixture: Fixture, modules: Modules & Readonly<Record<string, string>>, { skipLibCheck = true } = {}) {
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck,
    paths: Object.fromEntries(Object.entries(modules).map(([name, file]) => [name, [file]])),
  };
  return { compilerOptions, files: [fixtureFile(fixture)] };
}
