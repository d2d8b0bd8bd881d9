// SECURITY.md names tests by their numbers: they are there, and none is forgotten.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../SECURITY.md', import.meta.url), 'utf8');

/** Numbers in the last column of the table of promises. */
const promised = new Set([...page.matchAll(/^\|.*\| ([\d, ]+) \|$/gm)].flatMap(([, numbers = '']) => numbers.split(', ').map(Number)));

/** Numbers with which titles of tests begin: `it('12 an answer …'`, `describe('27, 28: tokens …'`. */
const tested = new Set(
  ['.', '../../fleet/test/']
    .map((folder) => new URL(folder, import.meta.url))
    .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
    .filter(({ pathname }) => pathname.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((text) => [...text.matchAll(/\(\s*['"`](\d{1,2}(?:, \d{1,2})*):? \w/g)])
    .flatMap(([, numbers = '']) => numbers.split(', ').map(Number)),
);

it('every promise names tests that exist', () => {
  expect(promised.size).toBeGreaterThan(20);
  expect([...promised].filter((number) => !tested.has(number))).toEqual([]);
});

it('every numbered test keeps a promise', () => {
  expect([...tested].filter((number) => !promised.has(number))).toEqual([]);
});
