import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { createWebFormApi } from '@finapi-ts/client/web-form';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../src/index.js';
import { startServer } from '../src/server.js';
import { password, secret } from './support.js';

const serve = async () => {
  const sandbox = createSandbox({ clients: [{ clientId: 'household', clientSecret: secret }], users: [{ id: 'alice', password }] });
  return { sandbox, server: await startServer(sandbox) };
};

const tokenForm = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'household', client_secret: secret });

describe('the server', () => {
  it('serves the client over HTTP on this machine', async () => {
    const { sandbox, server } = await serve();
    await using _ = server;
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const finapi = createAccessV1({ baseUrl: server.url });
    const { access_token: token } = await finapi.authorization.getToken({
      grant_type: 'client_credentials',
      client_id: 'household',
      client_secret: secret,
    });
    const signedIn = createAccessV1({ baseUrl: server.url, auth: { client: { identity: 'client', token } } });
    expect((await signedIn.banks.getAndSearchAllBanks()).banks).toHaveLength(3);
    expect(sandbox.log.map(({ operationId, status }) => [operationId, status])).toEqual([
      ['getToken', 200],
      ['getAndSearchAllBanks', 200],
    ]);
  });

  it('shares its state with fetch in memory', async () => {
    const { sandbox, server } = await serve();
    await using _ = server;
    const first = await (await fetch(`${server.url}/oauth/token`, { method: 'POST', body: tokenForm })).json();
    const second = await (await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: 'POST', body: tokenForm })).json();
    expect(second.access_token).toBe(first.access_token);
  });

  it('shows the page of a web form, and calls back when it is through', async () => {
    const { server } = await serve();
    await using _ = server;
    const told: unknown[] = [];
    const receiver = createServer(async (request, response) => {
      for await (const piece of request) told.push(JSON.parse(String(piece)));
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const login = new URLSearchParams({
      grant_type: 'password',
      client_id: 'household',
      client_secret: secret,
      username: 'alice',
      password,
    });
    const { access_token: token } = await (await fetch(`${server.url}/api/v2/oauth/token`, { method: 'POST', body: login })).json();
    const finapi = createWebFormApi({ baseUrl: server.url }).as({ identity: 'user', token });
    const finalised = `http://127.0.0.1:${port}/done`;
    const form = await finapi.accountInformationServices.createForBankConnectionImport({ callbacks: { finalised } });
    expect(form.url).toBe(`${server.url}/webForm/${form.id}`);
    expect(await (await fetch(form.url)).text()).toContain('<button name="action" value="connect">');
    const end = await fetch(form.url, { method: 'POST', body: new URLSearchParams({ action: 'connect' }) });
    expect(await end.text()).toContain('Done.');
    expect(told).toEqual([{ webFormId: form.id, status: 'COMPLETED' }]);
    expect(await finapi.webForms.getWebForm({ id: form.id })).toMatchObject({ status: 'COMPLETED' });
    receiver.close();
  });

  it('breaks the connection', async () => {
    const { sandbox, server } = await serve();
    await using _ = server;
    sandbox.faults.add({ reset: true });
    await expect(fetch(`${server.url}/oauth/token`, { method: 'POST', body: tokenForm })).rejects.toThrow(TypeError);
    expect((await fetch(`${server.url}/oauth/token`, { method: 'POST', body: tokenForm })).status).toBe(200);
  });

  it('answers 500 when an answer of the test fails', async () => {
    const { sandbox, server } = await serve();
    await using _ = server;
    const { access_token } = await (await fetch(`${server.url}/oauth/token`, { method: 'POST', body: tokenForm })).json();
    sandbox.setAnswer('getBank', () => {
      throw new Error('a mistake in the test');
    });
    const response = await fetch(`${server.url}/api/v1/banks/1`, { headers: { authorization: `Bearer ${access_token}` } });
    expect([response.status, await response.text()]).toEqual([500, 'Error: a mistake in the test']);
  });

  it('answers 400 to what is no path', async () => {
    const { server } = await serve();
    await using _ = server;
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.end('OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'));
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('ends at once, with calls under way, and again without harm', async () => {
    const { sandbox, server } = await serve();
    sandbox.faults.add({ latencyMs: 3_600_000 });
    const call = fetch(`${server.url}/api/v1/banks`).then(
      () => 'answered',
      () => 'ended',
    );
    while (sandbox.log.length === 0) await new Promise(setImmediate);
    await server.close();
    await server.close();
    expect(await call).toBe('ended');
  });

  it('takes the port that it is given, and says when that is taken', async () => {
    const { sandbox, server } = await serve();
    await using _ = server;
    await expect(startServer(sandbox, { port: Number(new URL(server.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
