// Generates all modules and pages of the client from a composed document, without composing and linting: emit.ts <document> <folder>
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNode, type Node } from '../../../scripts/src/document/grammar.ts';
import { parse, type Source } from '../../../scripts/src/document/yaml.ts';
import { emitAll } from '../../../scripts/src/emit/all.ts';
import { textHash } from '../../../scripts/src/hash.ts';
import { buildModel } from '../../../scripts/src/model.ts';

const [file = '', folder = ''] = process.argv.slice(2);
const api = { id: 'access-v1', name: 'AccessV1', title: 'finAPI Access V1' };
const { text, value } = parse(file, readFileSync(file, 'utf8'));
if (!isNode(value)) throw new Error(`${file} is no document`);
const document: Source<Node> = { file, text, value };

const model = buildModel(document);
const { modules, pages } = emitAll(api, model, { version: model.version, document: textHash(text), overlays: '', generators: {} });
for (const [name, content] of Object.entries({ ...modules, ...pages })) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
