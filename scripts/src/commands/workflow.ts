// npm run workflow: the steps of the workflows in .github/workflows, which run on any machine.
import { repository } from '../apis.ts';
import { readArguments, run } from '../cli.ts';
import { InputError } from '../errors.ts';

const help = `Usage: npm run workflow -- STEP

Runs a step of .github/workflows here. Settings come from the environment, as the workflow sets them.

  update           takes the document DOCUMENT over for API, with OPTIONS; without DOCUMENT the one that DOCUMENTS names
  propose-update   opens or updates the pull request of API, with the TITLE and BREAKING that update told
  plan-release     says what waits: changesets for versions, or versions for the registry
  version          turns changesets into versions and changelogs, as files only
  propose-release  opens or updates the pull request of that
  publish          publishes what the registry lacks, and pushes its tags
  --help           this text

Steps that propose or publish push to the remote origin and call gh.

Exit codes: 0 done or nothing to do, 1 failed.
`;

const steps: Readonly<Record<string, () => Promise<(root: string) => Promise<void>>>> = {
  update: async () => (await import('../workflow/updates.ts')).updateStep,
  'propose-update': async () => (await import('../workflow/updates.ts')).proposeUpdateStep,
  'plan-release': async () => (await import('../workflow/release.ts')).planStep,
  version: async () => (await import('../workflow/release.ts')).versionStep,
  'propose-release': async () => (await import('../workflow/release.ts')).proposeReleaseStep,
  publish: async () => (await import('../workflow/release.ts')).publishStep,
};

await run(async () => {
  const { positionals } = readArguments({}, help);
  const [name = '', ...rest] = positionals;
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined || rest.length > 0)
    throw new InputError({ message: `expected one step of ${Object.keys(steps).join(', ')}`, hint: 'see --help' });
  await (await step())(repository);
  return 0;
});
