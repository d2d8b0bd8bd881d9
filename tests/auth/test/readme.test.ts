// What the README of the package must say.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('30 says why finAPI needs the password grant that RFC 9700 forbids, and what is done about it', async () => {
  const readme = await readFile(new URL('../../../packages/auth-helpers/README.md', import.meta.url), 'utf8');
  const sections = readme.split(/^(?=#{2,3} )/m);
  const section = sections.find((text) => /^#+ .*RFC 9700/.test(text));
  expect(section, 'a section with RFC 9700 in its heading').toBeDefined();
  expect(section).toMatch(/password/i);
  expect(section).toMatch(/grant/i);
  // Long enough to say both.
  expect(section?.split(/\s+/).length).toBeGreaterThan(60);
});
