// Answers of a token endpoint that are wrong in what they say: each status in each shape, with everything that was sent in them.
import type { Behaviour, Got } from './server.ts';

/** A token as finAPI answers it. */
export const tokenBody = (fields: object = {}): string =>
  JSON.stringify({ access_token: 'access-1', token_type: 'bearer', expires_in: 3600, scope: 'all', ...fields });

export const json =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** All that a request held, as a careless server quotes it. */
const quoted = ({ target, headers, body }: Got): string =>
  `${target} ${headers['authorization'] ?? ''} ${body} ${decodeURIComponent(body)}`;

/** Shapes of a body, each quoting the request. */
export const shapes = {
  rfc: (request: Got) => JSON.stringify({ error: 'invalid_grant', error_description: quoted(request) }),
  rfcOdd: (request: Got) => JSON.stringify({ error: quoted(request), error_description: quoted(request) }),
  finapi: (request: Got) =>
    JSON.stringify({ errors: [{ code: 'UNAUTHORIZED_ACCESS', type: 'TECHNICAL', message: quoted(request) }], endpoint: quoted(request) }),
  html: (request: Got) => `<!doctype html><title>Bad gateway</title><pre>${quoted(request)}</pre>`,
  cut: (request: Got) => `{"error":"invalid_grant","error_description":"${quoted(request)}`,
  empty: () => '',
} as const;

export type Shape = keyof typeof shapes;

/** Echoes the request in its headers as well, where it fits in. */
export const refuse =
  (status: number, shape: Shape): Behaviour =>
  (request, response) => {
    const type = shape === 'html' ? 'text/html' : 'application/json';
    const told = encodeURIComponent(quoted(request)).slice(0, 2000);
    response
      .writeHead(status, { 'content-type': type, 'www-authenticate': `Bearer error_description="${told}"`, 'x-debug': told })
      .end(status === 204 || status === 304 ? undefined : shapes[shape](request));
  };
