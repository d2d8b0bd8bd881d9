// The pages of the app: plain HTML, without scripts.

/** What is shown of an account. */
export interface ShownAccount {
  readonly accountName?: string;
  readonly iban?: string;
  readonly balance?: number;
}

/** How the last form of a visitor ended, in words. */
const endings: Readonly<Record<string, string>> = {
  NOT_YET_OPENED: 'The form is still open.',
  IN_PROGRESS: 'The form is still open.',
  COMPLETED: 'Your bank is connected.',
  COMPLETED_WITH_ERROR: 'Your bank could not be connected.',
  EXPIRED: 'The form has expired.',
  ABORTED: 'You have left the form.',
  CANCELLED: 'The form was cancelled.',
};

/** `status` is one of a form, or undefined where there was none yet. */
export function home(status: string | undefined, reason: string | undefined, accounts: readonly ShownAccount[] | undefined): string {
  const said = status === undefined ? '' : `${endings[status] ?? 'The form is still open.'}${reason === undefined ? '' : ` (${reason})`}`;
  return page(
    'Household book',
    `${said === '' ? '' : `<p role="status">${escaped(said)}</p>\n`}${accounts === undefined ? '' : table(accounts)}
<form method="post" action="/connect"><button>${accounts === undefined ? 'Connect your bank' : 'Connect another bank'}</button></form>
${accounts === undefined ? '' : '<form method="post" action="/forget"><button>Delete everything</button></form>'}`,
  );
}

export const forgotten = (): string =>
  page('Household book', '<p role="status">Everything is deleted.</p>\n<p><a href="/">Start again</a></p>');

/** `requestId` is for finAPI's support. */
export function failed(requestId: string | undefined): string {
  const id = requestId === undefined ? '' : ` The request was ${escaped(requestId)}.`;
  return page('That did not work', `<p role="alert">Please try again later.${id}</p>\n<p><a href="/">Back</a></p>`);
}

function table(accounts: readonly ShownAccount[]): string {
  const rows = accounts.map(
    ({ accountName = 'Account', iban = '', balance }) =>
      `<tr><td>${escaped(accountName)}</td><td>${escaped(iban)}</td><td>${balance === undefined ? '' : escaped(balance.toFixed(2))}</td></tr>`,
  );
  return `<table><caption>Your accounts</caption>
<thead><tr><th scope="col">Name</th><th scope="col">IBAN</th><th scope="col">Balance</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
`;
}

const page = (heading: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${heading}</title>
<style>body { font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem } button { font: inherit } td, th { text-align: left; padding-right: 1rem }</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${content}
</main>
</body>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
