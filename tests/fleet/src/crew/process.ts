// A process of a crew, seen from its parent.
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Orders, Report, Step } from './orders.ts';

/** An order that failed: with the code of an `AuthError`, or with what else it was. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Ask = { readonly [Call in keyof Orders]: (...args: Parameters<Orders[Call]>) => Promise<ReturnType<Orders[Call]>> };

export interface Member extends Ask, AsyncDisposable {
  readonly name: string;
  /** Resolves when it is next stopped at a step, as `stopAt` has told it to; rejects where it ends. */
  stopped(): Promise<Step>;
  /** SIGSTOP and SIGCONT. */
  stop(): void;
  goOn(): void;
  /** As `kill -9`; resolves at its end. */
  kill(): Promise<void>;
}

/** Everything has to happen within this, on a machine however busy; nothing waits for it. */
const deadlineMs = 90_000;

export async function startMember(name: string): Promise<Member> {
  const child = fork(fileURLToPath(new URL('./member.ts', import.meta.url)), [name], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(cause: Error): void }>();
  const events = new EventEmitter();
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded = true;
      for (const { reject } of waiting.values()) reject(new Refusal('ended', `${name} has ended`));
      events.emit('error', new Refusal('ended', `${name} has ended`));
      resolve();
    });
  });
  events.on('error', () => {});
  child.on('error', () => {});
  child.on('message', (report: Report) => {
    if ('ready' in report) events.emit('ready');
    else if ('stopsAt' in report) {
      child.kill('SIGSTOP');
      events.emit('stopped', report.stopsAt);
    } else {
      const { id, value, error } = report;
      if (error === undefined) waiting.get(id)?.resolve(value);
      else waiting.get(id)?.reject(new Refusal(error.code, error.message));
      waiting.delete(id);
    }
  });
  let orders = 0;
  const order = async (call: keyof Orders, args: readonly unknown[]): Promise<unknown> => {
    if (hasEnded) throw new Refusal('ended', `${name} has ended`);
    orders += 1;
    const id = orders;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        timer = setTimeout(() => reject(new Error(`${name} did not ${call} within ${deadlineMs} ms`)), deadlineMs);
        child.send({ id, call, args } satisfies Order, (cause) => {
          if (cause !== null) reject(new Refusal('ended', `${name} cannot be told: ${cause.message}`));
        });
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  };
  const next = async <T>(event: string): Promise<T> => (await once(events, event, { signal: AbortSignal.timeout(deadlineMs) }))[0];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  await next('ready');
  const calls = ['join', 'leave', 'get', 'peek', 'reject', 'logout', 'learn', 'stopAt', 'work'] as const;
  const ask = Object.fromEntries(calls.map((call) => [call, (...args: unknown[]) => order(call, args)])) as unknown as Ask;
  return {
    ...ask,
    name,
    stopped: () => next<Step>('stopped'),
    stop: () => void child.kill('SIGSTOP'),
    goOn() {
      child.kill('SIGCONT');
      order('resume', []).catch(() => {});
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
