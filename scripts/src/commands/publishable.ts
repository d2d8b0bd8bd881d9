// npm run publishable: refuses what must never reach the registry.
import { repository } from '../apis.ts';
import { readArguments, run, style } from '../cli.ts';
import { InputError } from '../errors.ts';
import { reasonsAgainst } from '../publishable.ts';

const help = `Usage: npm run publishable

Says whether the packages may be published. They may not be where a document was imported with --keep-prose, where words are
drafts, or where the generated code is not what would be generated. Runs before every npm publish.

  --help   this text

Exit codes: 0 they may, 1 they may not.
`;

await run(async () => {
  const { positionals } = readArguments({}, help);
  if (positionals.length > 0) throw new InputError({ message: 'expected no arguments', hint: 'see --help' });
  const problems = await reasonsAgainst(repository);
  if (problems.length > 0) throw new InputError(problems);
  process.stdout.write(`${style('green', 'done')} the packages may be published\n`);
  return 0;
});
