// What an update leaves behind for people: the report, and the changeset of the next release.
import { dump } from 'js-yaml';
import type { Bump } from '../diff/change.ts';
import { type Appendix, changeset, reportHtml, reportMarkdown } from '../diff/report.ts';
import type { Update } from './update.ts';
import { targetOf } from './words.ts';

/** The parts of a report that are about this repository, behind what changed in the document. */
function appendices({ lost, wordless, undecided, breaks, notes, document }: Update): Appendix[] {
  return [
    {
      title: 'Code of the version before that no longer compiles',
      items: breaks.map(({ file, line, message }) => ({ text: `\`${file}:${line}\`: ${message}` })),
    },
    {
      title: 'Words and facts that have lost their place',
      items: lost.map(({ file, line, target, words }) => ({
        text: `\`${target}\`, from \`${file}:${line}\``,
        code: dump(words, { lineWidth: 120, noRefs: true }).trimEnd(),
      })),
    },
    { title: 'Operations without a token', items: undecided.map((path) => ({ text: `\`${targetOf(document, path)}\`` })) },
    { title: 'Places without words', items: wordless.map((path) => ({ text: `\`${targetOf(document, path)}\`` })) },
    { title: 'Notes', items: notes.map((text) => ({ text })) },
  ].filter(({ items }) => items.length > 0);
}

export function reports(update: Update): { readonly markdown: string; readonly html: string } {
  const extra = appendices(update);
  return { markdown: reportMarkdown(update, update.changes, extra), html: reportHtml(update, update.changes, extra) };
}

/** Before 1.0, npm's ranges take a minor release for a breaking one, and a patch for any other. */
function releaseBump(bump: Bump, version: string): Bump {
  if (!version.startsWith('0.')) return bump;
  return bump === 'major' ? 'minor' : 'patch';
}

/** The changeset of the client; undefined where there is nothing to release. */
export function clientChangeset(title: string, { changes, bump, after }: Update, version: string): string | undefined {
  if (bump === undefined) return undefined;
  return changeset('@finapi-ts/client', `${title}: ${after}`, changes, releaseBump(bump, version));
}
