// Redirects, which would carry a secret to wherever they point.
import type { Behaviour } from './server.ts';

/** Every status of a redirect (RFC 9110, section 15.4), those that keep method and body included. */
export const redirectStatuses = [300, 301, 302, 303, 307, 308] as const;

/** Redirects to an address, or to the very same one where there is none; the request is quoted in the target. */
export const redirect =
  (status: number, location?: string): Behaviour =>
  ({ target, headers, body }, response) => {
    const quoted = encodeURIComponent(`${headers['authorization'] ?? ''} ${body}`);
    response.writeHead(status, { location: location === undefined ? target : `${location}/elsewhere?${quoted}` }).end(quoted);
  };
