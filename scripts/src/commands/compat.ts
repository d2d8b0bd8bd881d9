// npm run compat: the code of a version before against the packages as they are now.
import { repository } from '../apis.ts';
import { progress, readArguments, run, seconds, style } from '../cli.ts';
import { compileBefore, declaresBreaks, findCommit, newestRelease } from '../compat.ts';
import { InputError } from '../errors.ts';

const help = `Usage: npm run compat [-- REF]

Compiles the tests, fixtures and examples of a version before against the packages as they are built now, and lists what
does not compile any more. Nothing is checked out or written.

  REF      a commit, a branch or a tag; without it, the newest release
  --help   this text

Exit codes: 0 all compiles, the changelog says what breaks, or nothing is released; 1 something breaks or the check failed;
2 bad arguments.
`;

let usage = true;
await run(async () => {
  const { positionals } = readArguments({}, help);
  const [given, ...rest] = positionals;
  if (rest.length > 0) throw new InputError({ message: 'expected at most one version', hint: 'see --help' });
  if (given !== undefined) findCommit(repository, given);
  usage = false;

  const start = performance.now();
  const ref = given ?? newestRelease(repository);
  if (ref === undefined) {
    process.stdout.write('no release is tagged here, so there is nothing to compare with; name a version with: npm run compat -- REF\n');
    return 0;
  }
  progress(`compiling ${ref} …`);
  const { compiled, leftOut, breaks } = await compileBefore({ ref, root: repository });
  progress('');
  for (const { file, imports } of leftOut)
    process.stdout.write(`${style('yellow', 'left out')} ${file}: it imports ${imports}, which is no entry of a package\n`);
  const count = `${compiled} ${compiled === 1 ? 'file' : 'files'} of ${ref}`;
  if (breaks.length === 0) {
    process.stdout.write(`${style('green', 'done')} ${count} compile  ${seconds(start)}\n`);
    return 0;
  }
  process.stdout.write(`${style('bold', `What breaks, of ${count}:`)}\n`);
  for (const { file, line, message } of breaks) process.stdout.write(`breaks: ${file}:${line}: ${message}\n`);
  if (declaresBreaks(repository)) {
    process.stdout.write(`${style('green', 'done')} packages/client/CHANGELOG.md says what breaks  ${seconds(start)}\n`);
    return 0;
  }
  throw new InputError({
    file: 'packages/client/CHANGELOG.md',
    message: `${breaks.length} ${breaks.length === 1 ? 'place breaks' : 'places break'}, and no version that is not released says so`,
    hint: 'keep what was, or say what breaks and what to do instead below a heading "### Breaks" in the section of the next version',
  });
});
if (usage) process.exitCode = 2;
