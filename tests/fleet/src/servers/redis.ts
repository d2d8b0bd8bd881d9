// A Redis of this test alone, with an end to it.
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Server, startGuarded } from './guarded.ts';
import { freePort } from './ports.ts';
import { redisProgram } from './programs.ts';

export interface RedisOptions {
  /** Keeps a log of what is written, synced once a second, and so keeps its keys over a restart; otherwise a restart empties it. */
  readonly durable?: boolean;
  /** One node in cluster mode that owns every slot: refuses commands over keys of several slots. Takes Redis two seconds to start. */
  readonly cluster?: boolean;
}

export interface RedisServer extends Server {
  /** Removes every key. */
  flush(): Promise<void>;
}

export async function startRedis({ durable = false, cluster = false }: RedisOptions = {}): Promise<RedisServer> {
  const program = await redisProgram();
  if (program === undefined) throw new Error('no redis-server: apt-get install redis-server');
  const server = await startGuarded({
    name: 'redis',
    endsBy: 'SIGTERM',
    program,
    async args({ folder, port }) {
      const settings = {
        port,
        bind: '127.0.0.1',
        dir: folder,
        'protected-mode': 'yes',
        daemonize: 'no',
        save: '',
        appendonly: durable ? 'yes' : 'no',
        appendfsync: 'everysec',
        ...(cluster && { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1', 'cluster-port': await freePort() }),
      };
      return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    },
    async answers({ port, pid }) {
      const said = await ask(port, 'PING', 'INFO server');
      if (!said.startsWith('+PONG') || !said.includes(`process_id:${pid}\r\n`)) return false;
      if (!cluster) return true;
      const state = await ask(port, 'CLUSTER INFO');
      if (state.includes('cluster_slots_assigned:0\r\n')) await ask(port, 'CLUSTER ADDSLOTSRANGE 0 16383');
      return state.includes('cluster_state:ok');
    },
    portTaken: /Address already in use/,
    url: (port) => `redis://127.0.0.1:${port}`,
  });
  return Object.assign(server, {
    async flush() {
      const said = await ask(server.port, 'FLUSHALL');
      if (!said.startsWith('+OK')) throw new Error(`Redis would not be emptied: ${said}`);
    },
  });
}

/** Everything that Redis answers, as it stands on the wire. Waits a second at most. */
async function ask(port: number, ...commands: readonly string[]): Promise<string> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  const limit = new AbortController();
  const late = pause(1_000, undefined, { signal: limit.signal }).then(
    () => socket.destroy(new Error('Redis gave no answer within 1000 ms')),
    () => {},
  );
  try {
    // Redis ends the connection after QUIT.
    socket.write(`${[...commands, 'QUIT'].join('\r\n')}\r\n`);
    let said = '';
    for await (const chunk of socket.setEncoding('utf8')) said += chunk;
    return said;
  } finally {
    limit.abort();
    socket.destroy();
    await late;
  }
}
