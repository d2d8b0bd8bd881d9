// A token endpoint that rotates refresh tokens and takes a second use of one as a theft (RFC 9700, section 4.14.2).
import { json, tokenBody } from './answers.ts';
import type { Behaviour } from './server.ts';

export interface Rotation {
  readonly behaviour: Behaviour;
  /** Refresh tokens in the order in which they were used. */
  readonly used: readonly string[];
  /** Whether one came twice: all tokens are void since. */
  readonly stolen: boolean;
  readonly passwords: number;
}

/** @param lifeS of access tokens */
export function rotation({ lifeS = 60 }: { readonly lifeS?: number } = {}): Rotation {
  const used: string[] = [];
  let current = 'refresh-0';
  let count = 0;
  let stolen = false;
  let passwords = 0;
  const give = (): Behaviour => {
    count += 1;
    current = `refresh-${count}`;
    return json(200, tokenBody({ access_token: `access-${count}`, refresh_token: current, expires_in: lifeS }));
  };
  const refused = json(400, JSON.stringify({ error: 'invalid_grant' }));
  const behaviour: Behaviour = (request, response) => {
    const form = new URLSearchParams(request.body);
    if (form.get('grant_type') === 'password') {
      passwords += 1;
      return give()(request, response);
    }
    const token = form.get('refresh_token') ?? '';
    stolen ||= used.includes(token);
    used.push(token);
    return (stolen || token !== current ? refused : give())(request, response);
  };
  return {
    behaviour,
    used,
    get stolen() {
      return stolen;
    },
    get passwords() {
      return passwords;
    },
  };
}
