// What a comparison finds: single findings, and the changes they add up to, each stated once.

export type Bump = 'major' | 'minor' | 'patch';

/** Which way a value travels: from the consumer to the server, or back. */
export type Direction = 'request' | 'answer';

export interface Change {
  /** What kind of change it is, such as `field-removed`. */
  readonly rule: string;
  readonly bump: Bump;
  /** The operation, where exactly one is concerned. */
  readonly operationId?: string;
  /** All operations concerned, by id, or by method and path where they have none. */
  readonly operations: readonly string[];
  /** The component schema that holds the change. */
  readonly schema?: string;
  /** JSON pointers of the place in either document. */
  readonly location: { readonly before?: string; readonly after?: string };
  readonly direction?: Direction | 'both';
  /** The field, below the schema or the body: `owner.name`, `items[].id`. For a parameter, its name. */
  readonly field?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** The change as a sentence for consumers. */
  readonly text: string;
}

/** Whose change it is: the document's, an operation's or a component schema's. */
export interface Owner {
  readonly kind: 'document' | 'operation' | 'schema';
  readonly name: string;
}

/** One place where something differs. */
export interface Finding extends Omit<Change, 'text' | 'operations' | 'operationId' | 'schema' | 'direction'> {
  readonly direction?: Direction | undefined;
  readonly owner: Owner;
  /** Operations through which it is reached. */
  readonly operations: Iterable<string>;
  /** What happened, without saying where: the sentence's end. */
  readonly say: string;
}

const rank: Record<Bump, number> = { major: 0, minor: 1, patch: 2 };

/** The bump that all changes together ask for; undefined where there are none. */
export function bumpOf(changes: readonly Change[]): Bump | undefined {
  return changes.map(({ bump }) => bump).sort((a, b) => rank[a] - rank[b])[0];
}

/** States each change once: the same finding in many operations, or on both ways of a schema, is one change. */
export function merge(findings: readonly Finding[]): Change[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { rule, owner, field, before, after, say } = finding;
    // A schema's finding is worded by direction, an operation's is not; a document has only one of each.
    const key = JSON.stringify([
      rule,
      owner.kind,
      owner.kind === 'operation' ? say : owner.name,
      field ?? null,
      before ?? null,
      after ?? null,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].map(toChange).sort(inOrder);
}

/** Breaking first; then by place, so that the same change ends at the same line whatever the order of the documents. */
function inOrder(a: Change, b: Change): number {
  const place = ({ schema, operationId, operations, field, rule }: Change): string =>
    [schema ?? operationId ?? operations[0] ?? '', field ?? '', rule].join('\0');
  return rank[a.bump] - rank[b.bump] || compareText(place(a), place(b)) || compareText(a.text, b.text);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toChange(group: readonly Finding[]): Change {
  const [worst] = [...group].sort((a, b) => rank[a.bump] - rank[b.bump]);
  if (worst === undefined) throw new Error('a group is never empty');
  const operations = [...new Set(group.flatMap((finding) => [...finding.operations]))].sort();
  const [only, ...others] = operations;
  const directions = new Set(group.map(({ direction }) => direction));
  const direction = directions.has('request') && directions.has('answer') ? 'both' : worst.direction;
  const { rule, bump, owner, field, location, before, after } = worst;
  return {
    rule,
    bump,
    ...(only !== undefined && others.length === 0 ? { operationId: only } : {}),
    operations,
    ...(owner.kind === 'schema' ? { schema: owner.name } : {}),
    location,
    ...(direction === undefined ? {} : { direction }),
    ...(field === undefined ? {} : { field }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    text: sentence(worst, group, operations, direction),
  };
}

function sentence(worst: Finding, group: readonly Finding[], operations: readonly string[], direction: Change['direction']): string {
  const { owner, say } = worst;
  if (owner.kind === 'document') return `${capital(say)}.`;
  if (owner.kind === 'operation') return `${listOf(operations, 3)}: ${say}.`;
  const way = direction === 'both' ? 'sent and returned' : direction === 'request' ? 'sent' : 'returned';
  const use = operations.length === 0 ? 'no operation uses it' : `${way} by ${listOf(operations, 3)}`;
  const other = group.find((finding) => finding.direction !== worst.direction && finding.say !== say);
  const also = other === undefined ? '' : `; besides, ${other.say}`;
  return `${show(owner.name)}: ${say}${also} (${use}).`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `` `a`, `b`, `c` and 4 more operations `` */
function listOf(names: readonly string[], most: number): string {
  const shown = names.slice(0, names.length === most + 1 ? most + 1 : most).map(show);
  const hidden = names.length - shown.length;
  return hidden === 0 ? shown.join(', ') : `${shown.join(', ')} and ${hidden} more operations`;
}

/** A value in a sentence, as code; one that holds backticks has more of them around it. */
export function show(value: unknown): string {
  if (value === undefined) return 'none';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  if (short.trim() === '') return 'an empty text';
  const longest = Math.max(0, ...[...short.matchAll(/`+/g)].map(([run]) => run.length));
  if (longest === 0) return `\`${short}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${short} ${fence}`;
}
