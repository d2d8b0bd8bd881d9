import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@finapi-ts/scripts/errors';
import { describe, expect, it } from 'vitest';
import { build, renderPages } from '../src/build.ts';
import { relative } from '../src/links.ts';
import { repositoryWith } from './support-repository.ts';

const problemsOf = (files: Readonly<Record<string, string>>): string => {
  try {
    renderPages(repositoryWith(files));
  } catch (cause) {
    if (cause instanceof InputError) return cause.message;
    throw cause;
  }
  return '';
};

describe('links', () => {
  it('lead from any folder to any other, without a server', () => {
    expect(relative('index.html', 'shed/types/Tool.html')).toBe('shed/types/Tool.html');
    expect(relative('shed/types/Tool.html', 'index.html')).toBe('../../index.html');
    expect(relative('shed/Tools.html', 'shed/Tools.html')).toBe('Tools.html');
  });

  it('to Markdown files, folders and headings become links to pages', () => {
    const { files, dropped } = renderPages(
      repositoryWith({
        'README.md':
          '# Shed\n\n[a](ARCHITECTURE.md#the-way) [b](docs/decisions) [c](packages/client/docs/shed/Tools.md#gettool) [d](#shed) [e](https://example.com/x.md)\n',
        'ARCHITECTURE.md': '# Architecture\n\n## The way\n\n[up](README.md)\n',
        'docs/decisions/README.md': '# Decisions\n\n[1](0001-one.md) [client](../../ARCHITECTURE.md)\n',
        'docs/decisions/0001-one.md': '# One\n',
      }),
    );
    const start = files.get('index.html');
    for (const href of [
      'architecture.html#the-way',
      'decisions/index.html',
      'shed/Tools.html#gettool',
      '#shed',
      'https://example.com/x.md',
    ])
      expect(start).toContain(`<a href="${href}">`);
    expect(files.get('decisions/index.html')).toContain('<a href="../architecture.html">client</a>');
    expect(dropped).toEqual([]);
  });

  it('to files that are no pages leave their words, and are told', () => {
    const { files, dropped } = renderPages(repositoryWith({ 'README.md': '# Shed\n\nSee [the *list*](spec/apis.json).\n' }));
    expect(files.get('index.html')).toContain('<p>See the <em>list</em>.</p>');
    expect(dropped).toEqual([{ file: 'README.md', line: 3, target: 'spec/apis.json' }]);
  });

  it('to pictures leave the words of the picture', () => {
    const { files } = renderPages(repositoryWith({ 'README.md': '# Shed\n\n![a shed](spec/apis.json)\n' }));
    expect(files.get('index.html')).toContain('<p>a shed</p>');
    expect(files.get('index.html')).not.toContain('<img');
  });

  it('that lead nowhere stop the build, all of them at once, with file and line', () => {
    const problems = problemsOf({ 'README.md': '# Shed\n\n[a](MISSING.md)\n\n[b](#nowhere) [c](../outside.md)\n' });
    expect(problems).toContain('README.md:3: the link MISSING.md leads nowhere');
    expect(problems).toContain('README.md:5: README.md has no heading for #nowhere');
    expect(problems).toContain('README.md:5: the link ../outside.md leads nowhere');
  });
});

describe('pages', () => {
  it('need a title', () => {
    expect(problemsOf({ 'README.md': 'words\n' })).toContain('README.md: the page has no title');
  });

  it('need a place of their own', () => {
    expect(problemsOf({ 'CLIENT.md': '# Client\n', 'packages/client/README.md': '# Client\n' })).toContain(
      'CLIENT.md: packages/client/README.md has the same place in the site, client.html',
    );
  });

  it('of an API without a reference say how to make it', () => {
    expect(problemsOf({ 'spec/apis.json': '[{ "id": "barn", "name": "Barn", "title": "The Barn" }]\n' })).toContain('npm run generate');
  });

  it('of several APIs show one in full and the others by their overview', () => {
    const apis = ['shed', 'barn'].map((id) => ({ id, name: id === 'shed' ? 'Shed' : 'Barn', title: `The ${id}` }));
    const { files } = renderPages(
      repositoryWith({
        'spec/apis.json': JSON.stringify(apis),
        'packages/client/docs/barn/README.md': '# The Barn 1.0\n\n## [Cows](Cows.md)\n',
        'packages/client/docs/barn/Cows.md': '# Cows\n',
      }),
    );
    expect(files.get('barn/Cows.html')).toContain('<a href="Cows.html" aria-current="page">Cows</a>');
    expect(files.get('barn/Cows.html')).toContain('<a href="../shed/index.html">All operations</a>');
    expect(files.get('barn/Cows.html')).not.toContain('Tools.html');
    expect(files.get('index.html')).toContain('shed/Tools.html');
  });
});

describe('a document', () => {
  it('that Redocly refuses stops the build with its words, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const root = repositoryWith({ 'spec/shed/openapi.yaml': 'openapi: 3.0.3\npaths: [\n' });
    const error = await build(root, join(root, 'out')).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(
      /^spec\/shed\/openapi\.yaml: Redocly could not render the document \(exit code 1\)\n.*\S/,
    );
    expect(readdirSync(root).filter((name) => name.startsWith('out'))).toEqual([]);
  });

  it('that is missing stops the build and says how to make it', async () => {
    const root = repositoryWith({});
    await expect(build(root, join(root, 'out'))).rejects.toThrow(
      /spec\/shed\/openapi\.yaml: there is no such file\s+make it with: npm run generate/,
    );
    expect(existsSync(join(root, 'out'))).toBe(false);
  });
});
