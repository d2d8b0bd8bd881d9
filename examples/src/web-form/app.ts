// A web app in which visitors connect their banks: a form of finAPI's in the browser, its callback, and the accounts afterwards.
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { AuthError, type Finapi, FinapiError } from 'finapi-ts';
import type { access } from 'finapi-ts/access';
import { deleteUser } from 'finapi-ts/flows';
import type { WebForm, webForm } from 'finapi-ts/web-form';
import { CallbackError, parseWebFormCallback } from 'finapi-ts/webhooks';
import { failed, forgotten, home } from './pages.ts';

type Apis = { readonly access: typeof access; readonly webForm: typeof webForm };
type User = ReturnType<Finapi<Apis>['user']>;

export interface AppOptions {
  readonly finapi: Finapi<Apis>;
  /** Keeps a password that was made up for a user of finAPI, where `users.credentials` of `finapi` reads it. */
  readonly keepPassword: (userId: string, password: string) => Promise<void>;
  /** Under which browsers reach this app, without a slash at the end. */
  readonly publicUrl: string;
  /** Under which finAPI reaches it: https alone. Without it, a form is looked at when its user comes back. */
  readonly callbackUrl?: string;
  /** Where banks send users back to, for mandators with a licence of their own; an error for others. */
  readonly bankRedirectUrl?: string;
  /** Told of failures. */
  readonly onError?: (cause: unknown) => void;
}

/** Somebody with a browser. In memory: a restart forgets who they were. */
interface Visitor {
  /** Their user at finAPI, once they have connected a bank. */
  user: Promise<User> | undefined;
  /** Their last form. */
  form: { readonly id: string; status: string; reason: string | undefined } | undefined;
  readonly bankConnectionIds: Set<number>;
}

interface Answer {
  readonly status: number;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A form lives 20 minutes, and ends with the token by which it was created. */
const formMs = 20 * 60_000;

export function createApp(options: AppOptions): RequestListener {
  const { finapi, publicUrl, onError = () => {} } = options;
  /** By the secret in their cookie. */
  const visitors = new Map<string, Visitor>();
  /** Whose form it is, by its id. */
  const owners = new Map<string, Visitor>();

  /** Takes over what finAPI says of a form. Callback and browser come in any order, and more than once. */
  function settle(visitor: Visitor, { id, status, payload }: WebForm): void {
    if (visitor.form?.id === id) Object.assign(visitor.form, { status, reason: payload.errorCode ?? undefined });
    const { bankConnectionId } = payload;
    if (status === 'COMPLETED' && typeof bankConnectionId === 'number') visitor.bankConnectionIds.add(bankConnectionId);
  }

  async function createUser(): Promise<User> {
    const id = randomUUID();
    // Nobody types it: long and random. It is kept first, so that no user is left that nobody can log in.
    const password = randomBytes(32).toString('base64url');
    await options.keepPassword(id, password);
    await finapi.access.users.createUser({ id, password });
    return finapi.user(id);
  }

  async function connect(visitor: Visitor): Promise<Answer> {
    // Kept while it is under way: a second click makes no second user.
    visitor.user ??= createUser().catch((cause: unknown) => {
      visitor.user = undefined;
      throw cause;
    });
    const user = await visitor.user;
    await user.tokens.get({ minValidityMs: formMs });
    const { callbackUrl, bankRedirectUrl } = options;
    const form = await user.webForm.accountInformationServices.createForBankConnectionImport({
      ...(callbackUrl === undefined ? {} : { callbacks: { finalised: callbackUrl } }),
      ...(bankRedirectUrl === undefined ? {} : { redirectUrl: bankRedirectUrl }),
    });
    visitor.form = { id: form.id, status: form.status, reason: undefined };
    owners.set(form.id, visitor);
    const url = new URL(form.url);
    // However the form ends, the user comes back here, and the form itself says how.
    for (const name of ['redirectUrl', 'errorRedirectUrl', 'abortRedirectUrl']) url.searchParams.set(name, `${publicUrl}/return`);
    return { status: 303, headers: { location: url.href } };
  }

  async function comeBack(visitor: Visitor): Promise<Answer> {
    const { form } = visitor;
    const user = await visitor.user;
    if (user !== undefined && form !== undefined) settle(visitor, await user.webForm.webForms.getWebForm({ id: form.id }));
    return { status: 303, headers: { location: '/' } };
  }

  async function show(visitor: Visitor): Promise<Answer> {
    const { form, bankConnectionIds } = visitor;
    const user = await visitor.user;
    if (user === undefined || bankConnectionIds.size === 0) return { status: 200, html: home(form?.status, form?.reason, undefined) };
    const { accounts } = await user.access.accounts.getAndSearchAllAccounts({ bankConnectionIds: [...bankConnectionIds] });
    return { status: 200, html: home(form?.status, form?.reason, accounts) };
  }

  async function forget(visitor: Visitor, secret: string): Promise<Answer> {
    const user = await visitor.user;
    if (user !== undefined) await deleteUser(finapi, user);
    visitors.delete(secret);
    for (const [id, owner] of owners) if (owner === visitor) owners.delete(id);
    return { status: 200, html: forgotten() };
  }

  /** Anybody can send one, so it says no more than that it is time to ask finAPI. */
  async function takeCallback(request: IncomingMessage): Promise<Answer> {
    const claim = await parseWebFormCallback(await bytesOf(request));
    const visitor = owners.get(claim.webFormId);
    const user = await visitor?.user;
    if (visitor === undefined || user === undefined) return { status: 404 };
    const { entity } = await claim.confirm(user.webForm);
    if (entity !== undefined) settle(visitor, entity);
    return { status: 204 };
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const call = `${request.method} ${(request.url ?? '/').split('?')[0]}`;
    if (call === 'POST /finapi/callback') return takeCallback(request);
    const secret = /(?:^|;\s*)visitor=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const visitor = visitors.get(secret);
    if (call === 'GET /' && visitor === undefined) return welcome();
    // Lax: with a page of somebody else that posts here, no cookie comes.
    if (visitor === undefined) return { status: 303, headers: { location: '/' } };
    if (call === 'GET /') return show(visitor);
    if (call === 'POST /connect') return connect(visitor);
    if (call === 'GET /return') return comeBack(visitor);
    if (call === 'POST /forget') return forget(visitor, secret);
    return { status: 404, html: failed(undefined) };
  }

  function welcome(): Answer {
    const secret = randomBytes(32).toString('base64url');
    visitors.set(secret, { user: undefined, form: undefined, bankConnectionIds: new Set() });
    const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
    // Lax: the cookie comes along when the form sends the browser back.
    const cookie = `visitor=${secret}; Path=/; HttpOnly; SameSite=Lax${secure}`;
    return { status: 200, html: home(undefined, undefined, undefined), headers: { 'set-cookie': cookie } };
  }

  return (request, response) => {
    answer(request)
      .catch((cause: unknown): Answer => {
        if (cause instanceof CallbackError) return { status: cause.status };
        onError(cause);
        const requestId = cause instanceof FinapiError || cause instanceof AuthError ? cause.requestId : undefined;
        return { status: 502, html: failed(requestId) };
      })
      .then(({ status, html, headers }) => {
        response
          .writeHead(status, {
            'content-type': 'text/html; charset=utf-8',
            'cache-control': 'no-store',
            // No form-action: browsers hold redirects to it as well, and /connect leads to finAPI.
            'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
            ...headers,
          })
          .end(html);
      })
      .catch(onError);
  };
}

/** More than a callback can have is cut off, and refused as none. */
async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > 65_536) break;
  }
  return Buffer.concat(pieces);
}
