// Hashes by which the house recognises a document.
import { createHash } from 'node:crypto';
import { sortKeys } from './document/arrange.ts';

/** SHA-256 of a text, in hexadecimal. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of what a document says: the same for other formatting and other order of keys. */
export const contentHash = (value: unknown): string => textHash(JSON.stringify(sortKeys(value)));
