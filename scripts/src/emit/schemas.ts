// Component types, through openapi-typescript: the only module that knows it, and the TypeScript it needs.
import { type GlobalContext, type SchemaObject, transformSchemaObject } from 'openapi-typescript';
import ts from 'typescript';
import { isNode, type Node } from '../document/grammar.ts';
import { InputError } from '../errors.ts';
import { componentName, type Model } from '../model.ts';
import { docComment } from './comment.ts';

/** Which way a schema travels. Enumerations are closed on the way to finAPI and stay open on the way back. */
type Direction = 'request' | 'answer';

export interface SchemaTypes {
  /** The text of the module. */
  readonly text: string;
  /** The type of a schema node, as it is written in generated code. */
  typeOf(schema: Node, direction: Direction): string;
  /** Names of component types that a piece of generated code mentions. */
  readonly names: ReadonlySet<string>;
  /** The schemas that have a second type for requests, by its name. */
  readonly inputs: ReadonlyMap<string, string>;
}

const commentKey = 'x-comment';

export function emitSchemas(model: Model): SchemaTypes {
  const travels = directions(model);
  /** Schemas that travel both ways and look different on each get a second type for requests. */
  const doubled = new Set(
    [...model.schemas.keys()].filter(
      (name) => travels.request.has(name) && travels.answer.has(name) && hasEnumeration(model, name, new Set()),
    ),
  );
  const nameIn = (name: string, direction: Direction): string => (direction === 'request' && doubled.has(name) ? `${name}Input` : name);
  const context = createContext((node, direction) => rewrite(node, model, direction, nameIn));

  const declarations: string[] = [];
  const names = new Set<string>();
  const declare = (name: string, schema: Node, direction: Direction): void => {
    if (names.has(name))
      throw new InputError({
        message: `the type ${name} is there twice, as a schema and for requests`,
        hint: 'rename the schema in the fixes overlay',
      });
    names.add(name);
    context.direction = direction;
    const node = transformSchemaObject(bare(schema) as SchemaObject, { path: `#/components/schemas/${name}`, ctx: context.ctx });
    const comment = docComment([text(schema.description), schema.deprecated === true && '@deprecated']);
    const rewritten = isEnumeration(schema) ? node : rewrite(node, model, direction, nameIn);
    if (ts.isTypeLiteralNode(rewritten)) declarations.push(`${comment}export interface ${name} ${printNode(rewritten)}`);
    else declarations.push(`${comment}export type ${name} = ${printNode(rewritten)};`);
  };
  for (const [name, schema] of model.schemas) {
    declare(name, schema, travels.answer.has(name) || !travels.request.has(name) ? 'answer' : 'request');
    if (doubled.has(name)) declare(`${name}Input`, schema, 'request');
  }
  return {
    text: declarations.join('\n\n'),
    names,
    inputs: new Map([...doubled].map((name) => [`${name}Input`, name])),
    typeOf(schema, direction) {
      context.direction = direction;
      const node = transformSchemaObject(bare(schema) as SchemaObject, { path: '#/', ctx: context.ctx });
      return printNode(rewrite(node, model, direction, nameIn));
    },
  };
}

/** openapi-typescript's context, with its hooks: properties get our comments, references our names. */
function createContext(rewriteIn: (node: ts.TypeNode, direction: Direction) => ts.TypeNode) {
  const state = {
    direction: 'answer' as Direction,
    ctx: {
      additionalProperties: false,
      alphabetize: false,
      arrayLength: false,
      conditionalEnums: false,
      dedupeEnums: false,
      // A body property with a default may be left out.
      defaultNonNullable: false,
      discriminators: { objects: {}, refsHandled: [] },
      emptyObjectsUnknown: false,
      enum: false,
      enumValues: false,
      excludeDeprecated: false,
      exportType: false,
      generatePathParams: false,
      immutable: false,
      injectFooter: [],
      makePathsEnum: false,
      pathParamsAsTypes: false,
      postTransform: undefined,
      propertiesRequiredByDefault: false,
      readWriteMarkers: false,
      rootTypes: false,
      rootTypesKeepCasing: false,
      rootTypesNoSchemaPrefix: false,
      silent: true,
      transform: undefined,
      transformProperty(property: ts.PropertySignature, schema: SchemaObject) {
        const { type } = property;
        const renamed =
          type === undefined
            ? property
            : ts.factory.updatePropertySignature(
                property,
                property.modifiers,
                property.name,
                property.questionToken,
                rewriteIn(type, state.direction),
              );
        const comment = (schema as Node)[commentKey];
        if (typeof comment === 'string') ts.addSyntheticLeadingComment(renamed, ts.SyntaxKind.MultiLineCommentTrivia, comment, true);
        return renamed;
      },
      resolve: () => undefined,
    } as unknown as GlobalContext,
  };
  return state;
}

/** A schema without its words, which become comments of ours, and without a `type: object` that only repeats what allOf says. */
function bare(schema: Node, nested = false): Node {
  const kept: Node = {};
  for (const [key, value] of Object.entries(schema)) {
    if (['description', 'summary', 'title', 'example', 'examples', 'default', 'deprecated', 'format', 'pattern'].includes(key)) continue;
    if (key === 'properties' || key === 'patternProperties') kept[key] = mapValues(value, (it) => bare(it, true));
    else if (key === 'items' || key === 'additionalProperties' || key === 'not') kept[key] = isNode(value) ? bare(value) : value;
    else if (Array.isArray(value) && ['allOf', 'oneOf', 'anyOf', 'prefixItems'].includes(key))
      kept[key] = value.map((it) => (isNode(it) ? bare(it) : it));
    else kept[key] = value;
  }
  if (Array.isArray(kept.allOf) && kept.properties === undefined) delete kept.type;
  if (nested) {
    const comment = docComment([
      text(schema.description),
      schema.default !== undefined && `@default ${JSON.stringify(schema.default)}`,
      schema.deprecated === true && '@deprecated',
    ]);
    // The printer adds the comment's own marks.
    if (comment !== '') kept[commentKey] = comment.trimEnd().slice(2, -2);
  }
  return kept;
}

/** Refers to component types by their own names and opens the enumerations of answers. */
function rewrite(
  node: ts.TypeNode,
  model: Model,
  direction: Direction,
  nameIn: (name: string, direction: Direction) => string,
): ts.TypeNode {
  const visit = (it: ts.Node): ts.Node => {
    if (ts.isTypeReferenceNode(it) && ts.isIdentifier(it.typeName) && it.typeName.text === 'Open') return it;
    const component = referenced(it);
    if (component !== undefined) {
      const reference = ts.factory.createTypeReferenceNode(nameIn(component, direction));
      const values = direction === 'answer' ? model.schemas.get(component)?.enum : undefined;
      // Only text is open; an enumeration of numbers stays as it is.
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'string' || value === null)) return reference;
      if (!values.includes(null) && model.schemas.get(component)?.nullable !== true) return open(reference);
      const some = ts.factory.createTypeReferenceNode('NonNullable', [reference]);
      return ts.factory.createUnionTypeNode([open(some), ts.factory.createLiteralTypeNode(ts.factory.createNull())]);
    }
    if (direction === 'answer' && ts.isUnionTypeNode(it)) {
      const literals = it.types.filter(isStringLiteral);
      if (literals.length > 0) {
        const others = it.types.filter((type) => !isStringLiteral(type)).map((type) => visit(type) as ts.TypeNode);
        return ts.factory.createUnionTypeNode([open(ts.factory.createUnionTypeNode(literals)), ...others]);
      }
    }
    if (direction === 'answer' && isStringLiteral(it)) return open(it as ts.TypeNode);
    return ts.visitEachChild(it, visit, undefined);
  };
  return visit(node) as ts.TypeNode;
}

const open = (type: ts.TypeNode): ts.TypeNode => ts.factory.createTypeReferenceNode('Open', [type]);

/** openapi-typescript makes string literals as identifiers whose name has the quotes. */
function isStringLiteral(node: ts.Node): boolean {
  return (ts.isIdentifier(node) && node.text.startsWith('"')) || (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal));
}

/** `components["schemas"]["Account"]` → `Account` */
function referenced(node: ts.Node): string | undefined {
  if (!ts.isIndexedAccessTypeNode(node) || !ts.isIndexedAccessTypeNode(node.objectType)) return undefined;
  const { indexType } = node;
  return ts.isLiteralTypeNode(indexType) && ts.isStringLiteral(indexType.literal) ? indexType.literal.text : undefined;
}

const isEnumeration = (schema: Node): boolean => Array.isArray(schema.enum);

function hasEnumeration(model: Model, name: string, seen: Set<string>): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const schema = model.schemas.get(name) ?? {};
  if (isEnumeration(schema)) return false;
  let found = false;
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (isNode(value)) {
      if (Array.isArray(value.enum)) found = true;
      if (typeof value.$ref === 'string') {
        const target = componentName(value.$ref);
        if (isEnumeration(model.schemas.get(target) ?? {}) || hasEnumeration(model, target, seen)) found = true;
      }
      Object.values(value).forEach(look);
    }
  };
  look(schema);
  return found;
}

/** The component schemas that requests and answers reach. */
function directions(model: Model): Record<Direction, Set<string>> {
  const reach = (roots: unknown[]): Set<string> => {
    const reached = new Set<string>();
    const look = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(look);
      else if (isNode(value)) {
        if (typeof value.$ref === 'string') {
          const name = componentName(value.$ref);
          if (!reached.has(name)) {
            reached.add(name);
            look(model.schemas.get(name));
          }
        }
        Object.values(value).forEach(look);
      }
    };
    roots.forEach(look);
    return reached;
  };
  return {
    request: reach(
      model.operations.flatMap(({ body, pathParameters, queryParameters }) => [
        body?.schema,
        ...[...pathParameters, ...queryParameters].map(({ schema }) => schema),
      ]),
    ),
    answer: reach(model.operations.flatMap(({ answers }) => answers.map(({ schema }) => schema))),
  };
}

const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
const printFile = ts.createSourceFile('types.ts', '', ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);

/** The text of a type, indented by two spaces a level, without the `@enum` comments that repeat what the type says. */
function printNode(node: ts.TypeNode): string {
  const printed = printer.printNode(ts.EmitHint.Unspecified, node, printFile);
  return printed.replace(/^ *\/\*\* @enum \{[^}]*\} \*\/\n/gm, '').replace(/^( {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2));
}

function mapValues(value: unknown, map: (node: Node) => Node): unknown {
  return isNode(value) ? Object.fromEntries(Object.entries(value).map(([key, it]) => [key, isNode(it) ? map(it) : it])) : value;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
