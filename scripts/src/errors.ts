// The one error a user of a command can cause: what is wrong, where, and the way out.

export interface Problem {
  /** What is wrong, as a sentence without the place. */
  readonly message: string;
  /** The file concerned, relative to the repository. */
  readonly file?: string;
  /** Line in that file, from 1. */
  readonly line?: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** Bad input. Commands print its problems and end with exit code 1; no stack trace is shown. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[]) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map(formatProblem).join('\n'));
    this.problems = list;
  }
}

/** `file:line: message (hint)`, the form that editors and terminals link. */
export function formatProblem(problem: Problem): string {
  const place = problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: `;
  return `${place}${problem.message}${problem.hint === undefined ? '' : `\n    ${problem.hint}`}`;
}
