// The page of a web form: plain HTML that works without scripts, for a user or a browser under test.
import { type FormStore, isOver, pagePath, type WebForm, type WebFormStatus, type WebFormType } from './forms.js';
import type { Message, Reply } from './message.js';

const headings: Readonly<Record<WebFormType, string>> = {
  BANK_CONNECTION_IMPORT: 'Connect your bank',
  BANK_CONNECTION_UPDATE: 'Renew the connection to your bank',
  PAYMENT_WITH_ACCOUNT_ID: 'Approve a payment',
  STANDALONE_PAYMENT: 'Approve a payment',
  STANDING_ORDER: 'Approve a standing order',
  DIRECT_DEBIT_WITH_ACCOUNT_ID: 'Approve a direct debit',
};

const endings: Readonly<Partial<Record<WebFormStatus, string>>> = {
  COMPLETED: 'Done.',
  COMPLETED_WITH_ERROR: 'That did not work.',
  EXPIRED: 'This form has expired.',
  ABORTED: 'You have left this form.',
  CANCELLED: 'This form was cancelled.',
};

/** Answers a request for the page of a form; undefined where the path is none of a form. */
export async function formPage(forms: FormStore, { method, body }: Message, url: URL): Promise<Reply | undefined> {
  const { pathname } = url;
  if (!pathname.startsWith(pagePath)) return undefined;
  const id = pathname.slice(pagePath.length);
  const form = forms.find(id);
  if (form === undefined) return page(404, 'There is no such form', '<p>Check the address.</p>');
  if (method === 'GET') return shown(isOver(form) ? form : await forms.open(id));
  if (method !== 'POST') return { ...page(405, 'This page takes GET and POST', '<p>Open it in a browser.</p>') };
  if (isOver(form)) return onwards(form, url);
  switch (new URLSearchParams(body).get('action')) {
    case 'connect':
      return onwards(await forms.complete(id), url);
    case 'fail':
      return onwards(await forms.fail(id), url);
    case 'leave':
      return onwards(await forms.abort(id), url);
    default:
      return page(400, 'Choose a button', `<p><a href="${escaped(pathname + url.search)}">Back to the form</a></p>`);
  }
}

function shown(form: WebForm): Reply {
  const heading = headings[form.type];
  if (isOver(form)) return page(200, heading, `<p role="status">${endings[form.status]} You can close this window.</p>`);
  return page(
    200,
    heading,
    `<p>This is a test form of the sandbox; it asks no bank. Choose what the user does.</p>
<form method="post">
<button name="action" value="connect">Connect</button>
<button name="action" value="fail">Fail</button>
<button name="action" value="leave">Leave</button>
</form>`,
  );
}

/** What an application adds to the address of a form: where the user goes after each end (finAPI: parameters of `url`). */
const parameters: Readonly<Partial<Record<WebFormStatus, string>>> = {
  COMPLETED: 'redirectUrl',
  COMPLETED_WITH_ERROR: 'errorRedirectUrl',
  ABORTED: 'abortRedirectUrl',
};

/** To where the caller wants the user in the end, or back to the page, which shows the end. */
function onwards({ redirectUrl, status }: WebForm, { pathname, searchParams }: URL): Reply {
  const target = searchParams.get(parameters[status] ?? '') ?? redirectUrl;
  const there = target !== undefined && /^https?:\/\//i.test(target) && URL.canParse(target);
  return { status: 303, headers: { location: there ? new URL(target).href : pathname }, body: '' };
}

const page = (status: number, heading: string, content: string): Reply => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title>
<style>body { font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem } button { font: inherit; padding: .5rem 1rem }</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${content}
</main>
</body>
</html>
`,
});

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
