import { expect, it } from 'vitest';
import { metrics } from '../src/opentelemetry.js';

it('counts events by what they are, and measures requests in seconds', () => {
  const seen: unknown[] = [];
  const record = metrics({
    createCounter: (name) => ({ add: (value, attributes) => seen.push([name, value, attributes]) }),
    createHistogram: (name) => ({ record: (value, attributes) => seen.push([name, value, attributes]) }),
  });
  record({ type: 'requested', key: 'k', at: 0, grant: 'password' });
  record({ type: 'failed', key: 'k', at: 0, grant: 'password', code: 'USER_LOCKED', durationMs: 250 });
  record({ type: 'received', key: 'k', at: 0, grant: 'refresh_token', durationMs: 40 });
  expect(seen).toEqual([
    ['finapi.auth.events', 1, { type: 'requested', grant: 'password' }],
    ['finapi.auth.events', 1, { type: 'failed', grant: 'password', code: 'USER_LOCKED' }],
    ['finapi.auth.request.duration', 0.25, { grant: 'password', outcome: 'USER_LOCKED' }],
    ['finapi.auth.events', 1, { type: 'received', grant: 'refresh_token' }],
    ['finapi.auth.request.duration', 0.04, { grant: 'refresh_token', outcome: 'ok' }],
  ]);
});
