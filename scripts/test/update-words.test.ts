import { describe, expect, it } from 'vitest';
import { importDocument } from '../src/document/import.ts';
import { parse, print } from '../src/document/yaml.ts';
import { draftToken } from '../src/draft.ts';
import { countWords, lint } from '../src/lint.ts';
import { applyOverlay, type Overlay } from '../src/overlay/apply.ts';
import { parseTarget, select } from '../src/overlay/target.ts';
import { append, draftTokens, draftWords, prune, targetOf } from '../src/update/words.ts';
import { file, fileOf, library, nodeAt } from './support-documents.ts';

const docs = (text: string): Overlay => ({ layer: 'docs', source: fileOf('docs/books.yaml', text) });

const overlay = `# Words of the library.
overlay: 1.0.0
info: { title: Words, version: 1.0.0 }
actions:
  # What a loan is.
  - target: $.components.schemas.Loan
    update:
      description: >-
        Folded by hand,
        at no certain width.
      properties:
        days: { description: How long. } # in days
        state: { description: Where it is. }

  # What a magazine was.
  - target: $.components.schemas.Magazine
    update: { description: It came monthly. }

  # What a book is.
  - target: $.components.schemas.Book
    update: { description: 'It has pages.' }
# The end.
`;

describe('words that lose their place', () => {
  it('are none where everything is there, and the text stays as it is', () => {
    const document = library();
    nodeAt(document, 'components', 'schemas').Magazine = { type: 'object' };
    expect(prune(document, docs(overlay))).toEqual({ text: overlay, lost: [] });
  });

  it('go with their whole action, and nothing else of the file changes', () => {
    const { text, lost } = prune(library(), docs(overlay));
    const gone = '  - target: $.components.schemas.Magazine\n    update: { description: It came monthly. }\n';
    expect(text).toBe(overlay.replace(gone, ''));
    expect(lost).toEqual([
      { file: 'docs/books.yaml', line: 16, target: '$.components.schemas.Magazine', words: { description: 'It came monthly.' } },
    ]);
  });

  it('go with a part of their action; the other actions keep comments and folding', () => {
    const document = library();
    delete nodeAt(document, 'components', 'schemas', 'Loan', 'properties').state;
    nodeAt(document, 'components', 'schemas').Magazine = { type: 'object' };
    const { text, lost } = prune(document, docs(overlay));
    expect(lost).toMatchObject([{ line: 6, words: { properties: { state: { description: 'Where it is.' } } } }]);
    expect(text).toContain('  # What a loan is.\n  - target: $.components.schemas.Loan\n');
    expect(text?.slice(text.indexOf('  # What a magazine'))).toBe(overlay.slice(overlay.indexOf('  # What a magazine')));
    expect(prune(document, docs(text ?? '')).lost).toEqual([]);
    expect(applyOverlay(document, docs(text ?? ''))).toEqual([]);
    expect(nodeAt(document, 'components', 'schemas', 'Loan', 'properties', 'days').description).toBe('How long.');
  });

  it('take a file away of which nothing is left', () => {
    const text = print({ overlay: '1.0.0', info: {}, actions: [{ target: '$.paths.gone', update: { description: 'No.' } }] });
    expect(prune(library(), docs(text))).toMatchObject({ text: null, lost: [{ line: 4 }] });
  });

  it('are those that any of several nodes has no place for', () => {
    const update = { properties: { isbn: { description: 'A number.' }, days: { description: 'How long.' } } };
    const text = print({ overlay: '1.0.0', info: {}, actions: [{ target: '$.components.schemas.*', update }] });
    const { text: left, lost } = prune(library(), docs(text));
    expect(left).toBeNull();
    expect(lost.flatMap(({ words }) => Object.keys(nodeAt(words, 'properties'))).sort()).toEqual(['days', 'isbn']);
  });

  it('may belong to a property that is named example, but an example itself needs no place', () => {
    const action = (update: object) => print({ overlay: '1.0.0', info: {}, actions: [{ target: '$.components.schemas.Book', update }] });
    const property = prune(library(), docs(action({ properties: { example: { description: 'A sample.' } } })));
    expect(property).toMatchObject({ text: null, lost: [{ words: { properties: { example: { description: 'A sample.' } } } }] });
    expect(prune(library(), docs(action({ example: { whatever: { it: 'is' } } }))).lost).toEqual([]);
  });

  it.each([
    ['JSON', (text: string) => JSON.stringify(parse('', text).value)],
    ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['no indentation', (text: string) => print(parse('', text).value).replaceAll(/^ {2}/gm, '')],
  ])('are taken out of a file with %s', (_, rewrite) => {
    const { text, lost } = prune(library(), docs(rewrite(overlay)));
    expect(lost.map(({ target }) => target)).toEqual(['$.components.schemas.Magazine']);
    const left = parse('', text ?? '').value as { actions: { target: string }[] };
    expect(left.actions.map(({ target }) => target)).toEqual(['$.components.schemas.Loan', '$.components.schemas.Book']);
  });
});

/** A document without words in which names are hard to write. */
function hard() {
  const { document } = importDocument(file('library.yaml', library()));
  const { get } = nodeAt(document, 'paths', '/books/{isbn}') as { get: Record<string, unknown> };
  nodeAt(document, 'paths')["/it's/{a.b}"] = { get: { ...get, operationId: 'odd' } };
  const twins = ['query', 'header', 'header'].map((place) => ({ name: 'same', in: place, schema: {} }));
  get.parameters = [...twins, { name: "quote'd", in: 'query', schema: {} }];
  (document.tags as object[]).push({ name: "Children's" });
  Object.assign(nodeAt(document, 'components', 'schemas', 'Book', 'properties'), { 'a.b': {}, "c'd": {}, 'e\\f': {}, é: {}, '0': {} });
  return document;
}

describe('drafts', () => {
  const places = countWords(hard()).undescribed;

  it('exist for every kind of place', () => {
    const kinds = new Set(
      places.map((path) => path.find((step) => ['tags', 'parameters', 'responses', 'schemas', 'headers'].includes(String(step)))),
    );
    expect(kinds.size).toBe(6);
  });

  it.each(places.map((path) => [path.join(' / '), path]))('name exactly the place %s', (_, path) => {
    const document = hard();
    expect(select(document, parseTarget(targetOf(document, path))).map((match) => match.path)).toEqual([path]);
  });

  it('are words that lint does not count', async () => {
    const document = hard();
    const text = append('Words', undefined, draftWords(document, places));
    expect(applyOverlay(document, docs(text))).toEqual([]);
    expect(countWords(document).undescribed).toEqual(places);
  });

  it('of tokens are undecided, and no fault by themselves', async () => {
    const document = library();
    const operations = [
      ['paths', '/loans', 'get'],
      ['paths', '/loans', 'post'],
      ['paths', '/books/{isbn}', 'get'],
    ];
    const text = append('Facts', undefined, draftTokens(document, operations));
    expect(applyOverlay(document, { layer: 'facts', source: fileOf('facts.yaml', text) })).toEqual([]);
    expect(nodeAt(document, 'paths', '/loans', 'get')['x-finapi-token']).toEqual([draftToken]);
    const { problems, undecided } = await lint(file('library.yaml', document), undefined);
    expect(problems.filter(({ message }) => message.includes('x-finapi-token'))).toEqual([]);
    expect(undecided).toHaveLength(3);
  });

  it('come behind what is there, which stays as it is written', () => {
    const action = { target: '$.tags[0]', update: { description: 'DRAFT: describe it' } };
    const text = append('Words', fileOf('drafts.yaml', overlay), [action]);
    expect(text.startsWith(overlay.trimEnd())).toBe(true);
    expect((parse('', text).value as { actions: unknown[] }).actions[3]).toEqual(action);
  });

  it('come behind what is there as JSON as well', () => {
    const action = { target: '$.tags[0]', update: { description: 'DRAFT: describe it' } };
    const text = append('Words', fileOf('drafts.yaml', JSON.stringify(parse('', overlay).value)), [action]);
    expect((parse('', text).value as { actions: unknown[] }).actions).toHaveLength(4);
  });
});
