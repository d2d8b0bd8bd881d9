// The application whose tokens are stored: its client and its users.
import { accessV1 } from '@finapi-ts/auth-helpers';

export const clientId = '6f6c1d52-9f3e-4a57-8c55-0d9f4f2a7b11';
export const clientSecret = '0a4b7c1e-52a1-4c55-b7d7-6f2f8f5f9a33';
export const credentials = { preset: accessV1, clientId, clientSecret };
export const password = 'a long enough password';
export const users = { credentials: () => ({ password }), max: 200_000 };

export const userId = (user: number): string => `user-${String(user).padStart(12, '0')}`;
