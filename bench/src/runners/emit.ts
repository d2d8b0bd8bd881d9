// Generates all modules and pages of the client from a composed document, without composing and linting: emit.ts <document> <folder>
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNode, type Node } from '../../../scripts/src/document/grammar.ts';
import { parse, type Source } from '../../../scripts/src/document/yaml.ts';
import { emitEntry, emitRaw } from '../../../scripts/src/emit/entry.ts';
import { emitMethods } from '../../../scripts/src/emit/methods.ts';
import { emitOperations } from '../../../scripts/src/emit/operations.ts';
import { emitPages } from '../../../scripts/src/emit/pages.ts';
import { emitPaths } from '../../../scripts/src/emit/paths.ts';
import { emitProvenance } from '../../../scripts/src/emit/provenance.ts';
import { emitSchemas } from '../../../scripts/src/emit/schemas.ts';
import { textHash } from '../../../scripts/src/hash.ts';
import { buildModel } from '../../../scripts/src/model.ts';

const [file = '', folder = ''] = process.argv.slice(2);
const api = { id: 'access-v1', name: 'AccessV1', title: 'finAPI Access V1' };
const { text, value } = parse(file, readFileSync(file, 'utf8'));
if (!isNode(value)) throw new Error(`${file} is no document`);
const document: Source<Node> = { file, text, value };

const model = buildModel(document);
const schemas = emitSchemas(model);
const modules: Record<string, string> = {
  'schemas.ts': `${schemas.text.includes('Open<') ? "import type { Open } from '../../core/types.js';\n\n" : ''}${schemas.text}\n`,
  'operations.ts': emitOperations(model),
  'methods.ts': emitMethods(model, schemas),
  'paths.ts': emitPaths(model, schemas),
  'index.ts': emitEntry(api, model),
  'raw.ts': emitRaw(api, model),
  'provenance.ts': emitProvenance(api.id, model, { version: model.version, document: textHash(text), overlays: '', generators: {} }),
};
for (const [name, content] of [...Object.entries(modules), ...Object.entries(emitPages(api, model, schemas))]) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
