// Where each API keeps its token endpoints.

/** Paths of an API's token endpoints, and where it takes the token that is to be revoked. */
export interface Preset {
  readonly tokenPath: string;
  readonly revokePath: string;
  readonly revokeIn: 'query' | 'form';
}

/** finAPI Access V1. Its revocation takes the token in the query, the one place where a secret has to travel in a URL. */
export const accessV1: Preset = { tokenPath: '/oauth/token', revokePath: '/oauth/revoke', revokeIn: 'query' };

/** finAPI Access V2, and the Web Form API, which takes its tokens. */
export const accessV2: Preset = { tokenPath: '/api/v2/oauth/token', revokePath: '/api/v2/oauth/revoke', revokeIn: 'form' };
