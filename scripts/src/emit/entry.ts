// The entries of an API's client: its main one, and the path-based door.
import type { Api } from '../apis.ts';
import { InputError } from '../errors.ts';
import { camelCase, type Model, pascalCase } from '../model.ts';
import { docComment } from './comment.ts';
import { groupsOf, identities } from './methods.ts';
import { literal } from './operations.ts';

const has = (model: Model): Set<string> => new Set(groupsOf(model).map(({ identity }) => identity));

export function emitEntry(api: Api, model: Model): string {
  const present = has(model);
  for (const name of [api.name, 'ClientOptions', 'Credential'])
    if (model.schemas.has(name))
      throw new InputError({
        message: `the schema ${name} has the name of a type of the client's entry`,
        hint: 'rename the schema in the fixes overlay, or the API in spec/apis.json',
      });
  const views = identities
    .map(({ identity }) => identity)
    // The client is there in every case, if only for the ways to others.
    .filter((identity) => identity === 'client' || present.has(identity))
    .map((identity) => `${pascalCase(identity)}Operations`);
  const servers = model.servers.map(({ name, url }) => `  ${camelCase(name)}: ${literal(url)},\n`).join('');
  const members = [
    present.has('user')
      ? "  /** The operations of one user. The same object serves any number of calls. */\n  as(user: Credential<'user'>): UserOperations;\n"
      : '',
    present.has('admin')
      ? '  /** Operations that take the token of an admin client (`auth.admin`). */\n  readonly admin: AdminOperations;\n'
      : '',
    '  /** What this client was generated from. */\n  readonly provenance: typeof provenance;\n',
  ];
  return `${present.has('user') ? "import type { Credential } from '../../core/auth.js';\n" : ''}import { createClient } from '../../core/client.js';
import type { ClientOptions } from '../../core/options.js';
import type { ${views.sort().join(', ')} } from './methods.js';
import { operations } from './operations.js';
import { provenance } from './provenance.js';

export type * from './methods.js';
export type * from './schemas.js';

${docComment([`Hosts of ${api.title}.`])}export const servers = {
${servers}} as const;

${docComment([`${api.title} ${model.version}: the operations of the client itself by tag, and ways to those of others.`])}export interface ${api.name} extends ClientOperations {
${members.join('')}}

${docComment([`Creates a client of ${api.title}. It opens no connection and needs no closing.`])}export function create${api.name}(options: ClientOptions): ${api.name} {
  return createClient(operations, provenance, options) as ${api.name};
}
`;
}

export function emitRaw(api: Api, model: Model): string {
  const present = has(model);
  const views = identities.map(({ identity }) => identity).filter((identity) => present.has(identity));
  const overloads = views.map(
    (identity) =>
      `export function raw(view: ${identity === 'client' ? api.name : `${pascalCase(identity)}Operations`}): PathDoor<${pascalCase(identity)}Paths>;\n`,
  );
  return `import { openDoor, type PathDoor } from '../../core/raw.js';
import type { ${views
    .map((identity) => (identity === 'client' ? api.name : `${pascalCase(identity)}Operations`))
    .sort()
    .join(', ')} } from './index.js';
import type { ${views
    .map((identity) => `${pascalCase(identity)}Paths`)
    .sort()
    .join(', ')} } from './paths.js';

/** Calls by method and path, through the transport of a client, of \`as(user)\` or of \`admin\`. Statuses do not throw. */
${overloads.join('')}export function raw(view: object): object {
  return openDoor(view);
}
`;
}
