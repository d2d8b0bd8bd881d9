// Answers that are wrong in how they come: without an end, compressed out of proportion, broken off, or not at all.
import { gzipSync } from 'node:zlib';
import { tokenBody } from './answers.ts';
import type { Behaviour } from './server.ts';

const kib = 1024;
const mib = 1024 * kib;

/** A good answer that comes one byte at a time, and is never complete. */
export const drip: Behaviour = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
};

/** Nothing comes, and the connection stays. */
export const hang: Behaviour = () => {};

/** Breaks the connection before an answer. */
export const reset: Behaviour = (_request, response) => response.socket?.destroy();

/** Breaks it in the middle of the answer. */
export const resetMidAnswer: Behaviour = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"access_token":"', () => response.socket?.destroy());
};

/** Says that it is compressed, and is not. */
export const falseGzip: Behaviour = (_request, response) =>
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(tokenBody());

/** Bytes written until the other side has left. */
export interface Flood {
  readonly behaviour: Behaviour;
  /** Settles when the connection is over. */
  readonly written: Promise<number>;
}

/** Streams 256 MiB as fast as they are taken. */
export function flood(status = 200): Flood {
  let tell: (bytes: number) => void = () => {};
  const written = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const block = Buffer.alloc(64 * kib, ' ');
  const behaviour: Behaviour = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    let bytes = 0;
    const more = (): void => {
      while (bytes < 256 * mib && !response.destroyed) {
        bytes += block.length;
        if (!response.write(block)) return;
      }
      response.end();
    };
    response.on('drain', more);
    response.on('close', () => tell(bytes));
    more();
  };
  return { behaviour, written };
}

let bomb: Buffer | undefined;

/** 16 MiB of blanks behind a token, in less than 80 KiB of gzip. */
export const gzipBomb: Behaviour = (_request, response) => {
  // In one piece: Deno reads no further than the first member of a gzip file.
  bomb ??= gzipSync(tokenBody().padEnd(16 * mib, ' '), { level: 1 });
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
};

/** A good answer of exactly so many bytes, also compressed. */
export const sized =
  (bytes: number, compressed: boolean): Behaviour =>
  (_request, response) => {
    const text = tokenBody().padEnd(bytes, ' ');
    response.writeHead(200, { 'content-type': 'application/json', ...(compressed ? { 'content-encoding': 'gzip' } : {}) });
    response.end(compressed ? gzipSync(text) : text);
  };
