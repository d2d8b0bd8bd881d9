// OpenAPI Generator's second opinion on a document, held against the findings that we know and keep.

import { InputError, type Problem } from '@finapi-ts/scripts/errors';
import { isNode } from '@finapi-ts/scripts/grammar';
import { lineOf, type Source } from '@finapi-ts/scripts/yaml';
import { causeOf, type RunOptions, runGenerator } from './generator.ts';

/** What `openapi-generator validate` objects to: errors first, then recommendations. A document it cannot read at all is an error. */
export async function validate(path: string, name: string, options: RunOptions = {}): Promise<string[]> {
  const run = await runGenerator(['validate', '--recommend', '-i', path], options);
  const findings = [...findingsOf(run.stderr), ...findingsOf(run.stdout)];
  if (run.code !== 0 && findings.length === 0)
    throw new InputError({ file: name, message: 'OpenAPI Generator cannot read the document', hint: causeOf(run) });
  return findings;
}

/** Findings are list items, folded at about 80 columns. */
function findingsOf(output: string): string[] {
  const findings: string[] = [];
  let listing = false;
  for (const line of output.split(/\r?\n/)) {
    const [, dash, text = ''] = /^\t(-| ) *(.*)$/.exec(line) ?? [];
    if (/^(Errors|Warnings):/.test(line)) listing = true;
    else if (dash === undefined) listing = false;
    else if (listing && dash === '-') findings.push(text);
    else if (listing) findings.push(`${findings.pop() ?? ''} ${text}`);
  }
  return findings;
}

/** The warnings in the log of a run. */
export function warningsOf(log: string): string[] {
  return [...log.matchAll(/^\[main\] (?:WARN|ERROR) +\S+ - (.*)$/gm)].map(([, text = '']) => text.trim());
}

export interface Known {
  readonly finding: string;
  readonly reason: string;
}

/** The list of what we know and keep. */
export function readKnown(source: Source): Known[] {
  if (!Array.isArray(source.value))
    throw new InputError({ file: source.file, line: 1, message: 'expected a list of entries with `finding` and `reason`' });
  return source.value.map((entry, index) => {
    const { finding, reason } = isNode(entry) ? entry : {};
    if (typeof finding === 'string' && typeof reason === 'string' && reason.trim() !== '') return { finding, reason };
    throw new InputError({ file: source.file, line: lineOf(source, [index]), message: 'an entry needs both `finding` and `reason`' });
  });
}

/** Findings that are not known, and known ones that came up no longer, as problems of the file concerned. */
export function judge(findings: readonly string[], document: string, known: readonly Known[], list: Source): Problem[] {
  const fresh = findings.filter((finding) => !known.some((it) => it.finding === finding));
  return [
    ...fresh.map((finding) => ({
      file: document,
      message: `OpenAPI Generator: ${finding}`,
      hint: `mend the document in its overlays; if it has to stay, give it a reason in ${list.file}`,
    })),
    ...known.flatMap(({ finding }, index) =>
      findings.includes(finding)
        ? []
        : [
            {
              file: list.file,
              line: lineOf(list, [index]),
              message: `this finding comes up no longer: ${finding}`,
              hint: 'remove the entry',
            },
          ],
    ),
  ];
}
