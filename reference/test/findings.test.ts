import { InputError } from '@finapi-ts/scripts/errors';
import { parse } from '@finapi-ts/scripts/yaml';
import { describe, expect, it } from 'vitest';
import { judge, readKnown, warningsOf } from '../src/findings.ts';

const list = parse(
  'findings.yaml',
  `- finding: attribute a is unexpected
  reason: The API has it.
- finding: 'Unused model: B'
  reason: For later.
`,
);
const judged = (findings: string[]) => judge(findings, 'openapi.yaml', readKnown(list), list);

describe('findings', () => {
  it('that are known pass', () => {
    expect(judged(['Unused model: B', 'attribute a is unexpected'])).toEqual([]);
  });

  it('that are new are problems of the document', () => {
    expect(judged(['Unused model: B', 'attribute a is unexpected', 'attribute c is missing'])).toEqual([
      { file: 'openapi.yaml', message: 'OpenAPI Generator: attribute c is missing', hint: expect.stringContaining('findings.yaml') },
    ]);
  });

  it('that come up no longer are problems of the list', () => {
    expect(judged(['attribute a is unexpected'])).toEqual([
      { file: 'findings.yaml', line: 3, message: 'this finding comes up no longer: Unused model: B', hint: 'remove the entry' },
    ]);
  });

  it('are kept for a reason alone', () => {
    const without = parse('findings.yaml', '- finding: a\n  reason: b\n- finding: c\n');
    expect(() => readKnown(without)).toThrow(
      new InputError({ file: 'findings.yaml', line: 3, message: 'an entry needs both `finding` and `reason`' }),
    );
  });

  it('are also the warnings in the log of a run', () => {
    const log = '[main] INFO  o.o.A - fine\n[main] WARN  o.o.c.languages.B - interface was renamed\n[main] ERROR o.o.C - no type\n';
    expect(warningsOf(log)).toEqual(['interface was renamed', 'no type']);
  });
});
