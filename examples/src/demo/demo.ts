// npm run demo: the life of finAPI's tokens, on a sandbox of this machine; a harmless part of it on finAPI's own.
import { readArguments, run, style } from '@finapi-ts/scripts/cli';
import { InputError } from '@finapi-ts/scripts/errors';
import { createSandbox, createTestClock } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { AuthError, type Environment, FinapiError } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { runLive, runOnSandbox, type Tell } from './steps.ts';

const help = `Usage: npm run demo -- [--live-sandbox]

Starts a sandbox of finAPI on this machine and goes through the life of a user's tokens and
a bank connection by web form. No credentials are needed.

  --live-sandbox   the harmless part, on finAPI's own sandbox: reads only. Takes FINAPI_CLIENT_ID and
                   FINAPI_CLIENT_SECRET from the environment, and FINAPI_BASE_URL where a proxy stands in between.
  --help           this text
`;

const tell: Tell = ({ title, detail, requestId }) => {
  process.stdout.write(`${style('green', '✓')} ${title}: ${detail}  ${style('dim', `request ${requestId ?? 'none'}`)}\n`);
};

await run(async () => {
  const { values, positionals } = readArguments({ options: { 'live-sandbox': { type: 'boolean', default: false } } }, help);
  if (positionals.length > 0) throw new InputError({ message: `unknown argument ${positionals[0]}`, hint: 'see --help' });
  try {
    await ((values as { 'live-sandbox': boolean })['live-sandbox'] ? live() : local());
    return 0;
  } catch (cause) {
    if (!(cause instanceof AuthError || cause instanceof FinapiError)) throw cause;
    throw new InputError({ message: cause.message });
  }
});

async function local(): Promise<void> {
  const clock = createTestClock({ now: Date.now() });
  const sandbox = createSandbox({ clock, clients: [{ clientId: 'demo', clientSecret: 'demo-secret' }] });
  const server = await startServer(sandbox);
  try {
    process.stdout.write(`a sandbox of finAPI at ${server.url}\n`);
    await runOnSandbox(server.url, sandbox, clock, tell);
  } finally {
    await server.close();
  }
}

async function live(): Promise<void> {
  const { FINAPI_CLIENT_ID: clientId, FINAPI_CLIENT_SECRET: clientSecret, FINAPI_BASE_URL: baseUrl } = process.env;
  if (!clientId || !clientSecret)
    throw new InputError({
      message: 'FINAPI_CLIENT_ID and FINAPI_CLIENT_SECRET are not set',
      hint: 'they come with an account at finAPI; without them: npm run demo',
    });
  const environment: Environment = baseUrl === undefined ? 'sandbox' : { access: baseUrl, webForm: baseUrl };
  process.stdout.write(`finAPI at ${baseUrl ?? access.servers.sandbox}\n`);
  await runLive({ environment, clientId, clientSecret }, tell);
}
