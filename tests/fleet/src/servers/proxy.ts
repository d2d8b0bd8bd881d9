// A network between a client and a server that can be cut, stalled and made slow, and that counts what passes.
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';

export interface NetworkProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Resets every connection and refuses new ones. */
  cut(): Promise<void>;
  /** After `cut`, takes connections again; after `stall`, lets through what was held back. */
  mend(): Promise<void>;
  /** Nothing passes, connections stay, as where every packet is lost. */
  stall(): void;
  /** How long what is sent from now on takes, each way. */
  delayMs: number;
  /** How many were opened in all. */
  readonly connections: number;
  /** How many are open. */
  readonly open: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Bytes that have arrived, but wait to pass, both ways. */
  readonly held: number;
  /** How often a client began to send after its server had last sent: waits for an answer, whatever is pipelined. */
  readonly roundTrips: number;
}

export interface ProxyOptions {
  /** How delays pass; by default with the time of this machine. */
  readonly later?: (ms: number) => Promise<void>;
}

/** Where the target refuses a connection, the client's is reset. */
export async function startProxy(
  target: { readonly host: string; readonly port: number },
  { later = realTime }: ProxyOptions = {},
): Promise<NetworkProxy> {
  const host = '127.0.0.1';
  const sockets = new Set<Socket>();
  const counts = { connections: 0, bytesUp: 0, bytesDown: 0, roundTrips: 0 };
  let delayMs = 0;
  let open = 0;
  let held = 0;
  let mended: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  const serve = (client: Socket): void => {
    const upstream = createConnection({ ...target, allowHalfOpen: true, noDelay: true });
    counts.connections += 1;
    open += 1;
    let last: 'up' | 'down' = 'down';
    const ends = [client, upstream];
    let closed = 0;
    for (const socket of ends) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        closed += 1;
        if (closed === ends.length) open -= 1;
      });
    }
    carry(client, upstream, (bytes) => {
      if (last === 'down') counts.roundTrips += 1;
      last = 'up';
      counts.bytesUp += bytes;
    });
    carry(upstream, client, (bytes) => {
      last = 'down';
      counts.bytesDown += bytes;
    });
  };

  /** One way, in order: each piece when it is due and nothing is stalled; `count` says what passes. */
  const carry = (from: Socket, to: Socket, count: (bytes: number) => void): void => {
    let before: Promise<void> = Promise.resolve();
    const pass = (act: () => void): void => {
      const due = delayMs > 0 ? later(delayMs) : undefined;
      before = before.then(async () => {
        await due;
        while (mended !== undefined) await mended.promise;
        act();
      });
    };
    from.on('data', (chunk: Buffer) => {
      held += chunk.length;
      pass(() => {
        held -= chunk.length;
        if (to.destroyed) return;
        count(chunk.length);
        to.write(chunk);
      });
    });
    from.on('end', () => pass(() => to.end()));
    from.on('error', () => pass(() => reset(to)));
  };

  const listen = async (port: number): Promise<Server> => {
    const listening = createServer({ allowHalfOpen: true, noDelay: true }, serve);
    listening.listen(port, host);
    await once(listening, 'listening');
    return listening;
  };

  const listenAnywhere = async (attempts = 10): Promise<Server> => {
    try {
      return await listen(await freePort());
    } catch (error) {
      // Taken meanwhile.
      if (attempts === 1) throw error;
      return listenAnywhere(attempts - 1);
    }
  };

  let server: Server | undefined = await listenAnywhere();
  const { port } = server.address() as AddressInfo;

  const letThrough = (): void => {
    mended?.resolve();
    mended = undefined;
  };

  const cut = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    const closed = closing && once(closing, 'close');
    closing?.close();
    for (const socket of sockets) reset(socket);
    await closed;
  };

  return {
    host,
    port,
    cut,
    async mend() {
      server ??= await listen(port);
      letThrough();
    },
    stall() {
      if (mended !== undefined) return;
      let resolve = (): void => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      mended = { promise, resolve };
    },
    get delayMs() {
      return delayMs;
    },
    set delayMs(ms) {
      delayMs = ms;
    },
    get connections() {
      return counts.connections;
    },
    get open() {
      return open;
    },
    get bytesUp() {
      return counts.bytesUp;
    },
    get bytesDown() {
      return counts.bytesDown;
    },
    get held() {
      return held;
    },
    get roundTrips() {
      return counts.roundTrips;
    },
    async [Symbol.asyncDispose]() {
      await cut();
      letThrough();
    },
  };
}

/** Node loses a socket that is reset while its end is being sent: it is never closed. */
const reset = (socket: Socket): void => void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());

const realTime = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
