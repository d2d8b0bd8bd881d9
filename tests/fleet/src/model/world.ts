// Two processes on one real store: the calls under way, what has happened, and what must hold at all times.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Finapi, startFinapi } from '../crew/finapi.ts';
import type { Setting, Step } from '../crew/orders.ts';
import { type Member, Refusal, startMember } from '../crew/process.ts';
import { startPostgres } from '../servers/postgres.ts';
import { type NetworkProxy, startProxy } from '../servers/proxy.ts';
import { startRedis } from '../servers/redis.ts';
import { newRedisPlace, newTable, type StorePlace } from '../stores.ts';

export const userNames = ['alice', 'bob'] as const;
export type UserName = (typeof userNames)[number];
export type Server = 'Redis' | 'PostgreSQL';

/** Short lives and time-outs: tokens end, and leases too, while a run goes on. */
const lifeS = 3;
const times = { timeoutMs: 1000, storeTimeoutMs: 500, renewalTimeoutMs: 20_000, renewBeforeMs: 1000, baseDelayMs: 20, maxDelayMs: 100 };
/** How long a call is waited for before the next thing happens. */
const glanceMs = 60;
/** Until then everybody has a token once all is mended, on a machine however busy. */
const deadlineMs = 40_000;

/** What runs share: servers, and processes that live on from run to run. */
export interface Grounds extends AsyncDisposable {
  readonly finapi: Finapi;
  readonly members: Member[];
  restart(process: number): Promise<Member>;
  /** An empty place on a server, behind a network of its own. */
  place(server: Server): Promise<{ readonly place: StorePlace; readonly network: NetworkProxy; flush(): Promise<void> }>;
}

export async function openGrounds(servers: readonly Server[]): Promise<Grounds> {
  const stack = new AsyncDisposableStack();
  const finapi = stack.use(await startFinapi({ userTokenLifeS: lifeS }));
  let started = 0;
  const start = async (): Promise<Member> => {
    started += 1;
    return stack.use(await startMember(`member ${started}`));
  };
  const [redis, postgres] = await Promise.all([
    servers.includes('Redis') ? startRedis() : undefined,
    servers.includes('PostgreSQL') ? startPostgres() : undefined,
  ]);
  for (const server of [redis, postgres]) if (server !== undefined) stack.use(server);
  const members = await Promise.all([start(), start()]);
  const behind = async (port: number, url: string) => {
    const network = stack.use(await startProxy({ host: '127.0.0.1', port }));
    return { network, url: url.replace(`:${port}`, `:${network.port}`) };
  };
  return {
    finapi,
    members,
    async restart(process) {
      await members[process]?.kill();
      const member = await start();
      members[process] = member;
      return member;
    },
    async place(server) {
      if (server === 'Redis' && redis !== undefined) {
        const { network, url } = await behind(redis.port, redis.url);
        return { network, place: newRedisPlace(url), flush: () => redis.flush() };
      }
      if (postgres === undefined) throw new Error(`${server} was not started`);
      const { network, url } = await behind(postgres.port, postgres.url);
      const place = newTable(url);
      return { network, place, flush: () => postgres.truncate(place.kind === 'postgres' ? place.table : '') };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Process {
  member: Member;
  isStopped: boolean;
}

export class World {
  /** What does not hold; the run fails with these. */
  readonly faults: string[] = [];
  readonly #grounds: Grounds;
  readonly #network: NetworkProxy;
  readonly #flush: () => Promise<void>;
  readonly #setting: Setting;
  readonly #processes: Process[];
  readonly #seat = randomUUID();
  /** The users of this run alone, by name. */
  readonly #ids: Readonly<Record<UserName, string>>;
  /** The latest token that each process was given, by process and user. */
  readonly #seen = new Map<string, string>();
  readonly #pending = new Set<Promise<void>>();
  /** Tokens that were ended by an event of the run. */
  readonly #ended = new Set<string>();
  #isAway = false;
  #passwords = 0;
  #kills = 0;
  #stops = 0;
  #storeTroubles = 0;
  /** Answers of finAPI that did not come in time. */
  #missed = 0;
  readonly #logouts = new Set<UserName>();

  private constructor(grounds: Grounds, { place, network, flush }: Awaited<ReturnType<Grounds['place']>>) {
    const run = randomUUID().slice(0, 8);
    const { finapi } = grounds;
    this.#grounds = grounds;
    this.#network = network;
    this.#flush = flush;
    this.#ids = { alice: `alice-${run}`, bob: `bob-${run}` };
    for (const id of Object.values(this.#ids)) finapi.addUser(id);
    this.#setting = { place, baseUrl: finapi.url, client: finapi.client, password: finapi.password, times };
    this.#processes = grounds.members.map((member) => ({ member, isStopped: false }));
  }

  static async open(grounds: Grounds, server: Server): Promise<World> {
    const world = new World(grounds, await grounds.place(server));
    await Promise.all(world.#processes.map(({ member }) => member.join(world.#seat, world.#setting)));
    return world;
  }

  #process(at: number): Process {
    return this.#processes[at] as Process;
  }

  /** Asks for a token in some of the processes at once. */
  async get(processes: readonly number[], user: UserName, force = false): Promise<void> {
    const calls = processes.map((process) =>
      this.#call(process, user, (member, id) => member.get(this.#seat, id, force ? { force } : undefined)),
    );
    await this.#glance(calls);
  }

  async #glance(calls: readonly Promise<void>[]): Promise<void> {
    await Promise.race([Promise.all(calls), pause(glanceMs)]);
  }

  #call(process: number, user: UserName, ask: (member: Member, userId: string) => Promise<string>): Promise<void> {
    const { member } = this.#process(process);
    const call = ask(member, this.#ids[user])
      .then(
        (token) => this.#received(process, user, token),
        (cause: unknown) => this.#failed(process, member, cause),
      )
      .finally(() => this.#pending.delete(call));
    this.#pending.add(call);
    return call;
  }

  #failed(process: number, member: Member, cause: unknown): void {
    const code = cause instanceof Refusal ? cause.code : undefined;
    // It was killed.
    if (code === 'ended' && this.#process(process).member !== member) return;
    if (code === undefined || !/^[A-Z_]+$/.test(code)) this.faults.push(`a call failed with something that is no AuthError: ${cause}`);
    if (code === 'TIMEOUT' || code === 'NETWORK') this.#missed++;
  }

  #received(process: number, user: UserName, text: string): void {
    this.#seen.set(`${process} ${user}`, text);
    const token = this.#grounds.finapi.sandbox.tokens.find(text);
    if (token === undefined) return void this.faults.push('a token was given out that the sandbox has not issued');
    if (token.userId !== this.#ids[user]) this.faults.push(`${user} was given a token of ${token.userId}`);
    // A process that stood still gives it out when it goes on, and tells of it later still.
    if (this.#stops > 0) return;
    const overMs = Date.now() - (token.expiresAt ?? Number.POSITIVE_INFINITY);
    // As long as it may take to tell of it.
    if (overMs > 500) this.faults.push(`${user} was given a token ${overMs} ms after its end`);
    // Who logs out gives back what another renewal of the user may just have got as well.
    if (token.void && !this.#ended.has(text) && !this.#logouts.has(user))
      this.faults.push(`${user} was given a token that nobody had ended, and it is void`);
  }

  async reject(process: number, user: UserName): Promise<void> {
    const token = this.#seen.get(`${process} ${user}`);
    if (token !== undefined) await this.#tell(process, (member) => member.reject(this.#seat, this.#ids[user], token));
  }

  /** Waits for what is done at once, unless the process stands still. */
  async #tell(process: number, ask: (member: Member) => Promise<unknown>): Promise<void> {
    const { member } = this.#process(process);
    const call = ask(member)
      .then(
        () => {},
        (cause: unknown) => this.#failed(process, member, cause),
      )
      .finally(() => this.#pending.delete(call));
    this.#pending.add(call);
    await this.#glance([call]);
  }

  /** finAPI ends tokens before their time. */
  async voidTokens(user: UserName, all: boolean): Promise<void> {
    const { tokens } = this.#grounds.finapi.sandbox;
    for (const { token, kind } of tokens.list({ userId: this.#ids[user] })) {
      if (!all && kind !== 'access') continue;
      tokens.void(token);
      this.#ended.add(token);
    }
  }

  async logout(process: number, user: UserName): Promise<void> {
    this.#logouts.add(user);
    await this.#tell(process, (member) => member.logout(this.#seat, this.#ids[user]));
  }

  /** @param known whether the processes know the new password at once */
  async changePassword(user: UserName, known: boolean): Promise<void> {
    const { users } = this.#grounds.finapi.sandbox;
    const password = `password ${++this.#passwords}`;
    await this.voidTokens(user, true);
    // One password for all users: whoever has the old one is wrong for one of them.
    users.setPassword(this.#ids[user], password);
    if (known) await this.learnPasswords();
  }

  /** All users have the newest password, and so do the processes. */
  async learnPasswords(): Promise<void> {
    const password = this.#passwords === 0 ? this.#setting.password : `password ${this.#passwords}`;
    for (const name of userNames) {
      if (this.#grounds.finapi.sandbox.users.get(this.#ids[name]).password === password) continue;
      await this.voidTokens(name, true);
      this.#grounds.finapi.sandbox.users.setPassword(this.#ids[name], password);
    }
    for (const process of [0, 1]) await this.#tell(process, (member) => member.learn(this.#seat, password));
  }

  /** As `kill -9`, with another started in its place; while the store can be reached, which a start needs. */
  async killAndStart(process: number): Promise<void> {
    if (this.#isAway) return;
    this.#kills++;
    const it = this.#process(process);
    const restarting = this.#grounds.restart(process);
    // From now on, calls of the old one fail because of this.
    it.member = { ...it.member };
    it.member = await restarting;
    it.isStopped = false;
    for (const user of userNames) this.#seen.delete(`${process} ${user}`);
    const password = this.#passwords === 0 ? this.#setting.password : `password ${this.#passwords}`;
    await it.member.join(this.#seat, { ...this.#setting, password });
  }

  async stop(process: number): Promise<void> {
    this.#stops++;
    const it = this.#process(process);
    it.isStopped = true;
    it.member.stop();
  }

  async stopAt(process: number, step: Step): Promise<void> {
    this.#stops++;
    // Whether and when it stops is its own doing; `goOn` does no harm to one that has not.
    this.#process(process).isStopped = true;
    await this.#tell(process, (member) => member.stopAt(this.#seat, step));
  }

  async goOn(process: number): Promise<void> {
    const it = this.#process(process);
    it.isStopped = false;
    it.member.goOn();
  }

  async flush(): Promise<void> {
    this.#storeTroubles++;
    await this.#flush();
  }

  async breakNetwork(how: 'cut' | 'stall'): Promise<void> {
    if (this.#isAway) return;
    this.#storeTroubles++;
    this.#isAway = true;
    if (how === 'cut') await this.#network.cut();
    else this.#network.stall();
  }

  async mend(): Promise<void> {
    this.#isAway = false;
    await this.#network.mend();
  }

  /** Mends everything and asks once more for everything: whatever has happened, nothing is lost for good. */
  async recover(): Promise<void> {
    const { sandbox } = this.#grounds.finapi;
    const until = performance.now() + deadlineMs;
    await this.mend();
    for (const name of userNames) if (sandbox.users.get(this.#ids[name]).locked) await this.changePassword(name, true);
    // One that is still to stop at a step does so now and then: it is sent on until all is done.
    let isDone = false;
    const sending = (async () => {
      while (!isDone) {
        for (const { member } of this.#processes) member.goOn();
        await pause(20);
      }
    })();
    try {
      await this.learnPasswords();
      await Promise.all([0, 1].flatMap((process) => userNames.map((name) => this.#hasToken(process, name, until))));
      while (this.#pending.size > 0 && performance.now() < until) await Promise.race([Promise.all(this.#pending), pause(100)]);
      if (this.#pending.size > 0) this.faults.push(`${this.#pending.size} calls never settled`);
      await Promise.all(this.#processes.map(({ member }) => member.leave(this.#seat)));
    } finally {
      isDone = true;
      await sending;
      await this.#network[Symbol.asyncDispose]();
    }
  }

  /** A valid token, at the latest once an ended one was refused. */
  async #hasToken(process: number, name: UserName, until: number): Promise<void> {
    const { member } = this.#process(process);
    const { tokens } = this.#grounds.finapi.sandbox;
    let last: unknown = 'nothing';
    while (performance.now() < until) {
      try {
        const token = await member.get(this.#seat, this.#ids[name]);
        if (tokens.isValid(token)) return;
        last = 'a token that is not valid';
        await member.reject(this.#seat, this.#ids[name], token);
      } catch (cause) {
        last = cause;
        await pause(20);
      }
    }
    this.faults.push(`process ${process} has no token of ${name} after all is mended, but ${last}`);
  }

  /** What must hold of the requests that went out. */
  check(): void {
    const { finapi } = this.#grounds;
    const troubles = this.#kills + this.#stops + this.#storeTroubles + this.#missed;
    for (const name of userNames) {
      const requests = finapi.requests(this.#ids[name]);
      const atOnce = 1 + Math.max(0, ...requests.map(({ beside }) => beside));
      if (atOnce > 1 && this.#stops + this.#storeTroubles + this.#missed === 0)
        this.faults.push(`${atOnce} token requests of ${name} at once`);
      const redeemed = requests.flatMap(({ refreshToken, status }) => (status === 200 && refreshToken !== undefined ? [refreshToken] : []));
      if (new Set(redeemed).size < redeemed.length) this.faults.push(`a refresh token of ${name} was redeemed twice`);
      // The answer to one request of a user can be lost with a process, and whoever comes next cannot know.
      const late = requests.filter(({ late }) => late).length;
      if (this.#storeTroubles === 0 && late > this.#kills + this.#stops + this.#missed)
        this.faults.push(`refresh tokens of ${name} that had been redeemed were sent ${late} times`);
      const wrong = new Map<string, number>();
      for (const { password, status } of requests)
        if (password !== undefined && status === 400) wrong.set(password, (wrong.get(password) ?? 0) + 1);
      for (const [password, count] of wrong)
        if (count > 1 + troubles) this.faults.push(`the wrong password '${password}' of ${name} was sent ${count} times`);
      if (troubles < 4 && finapi.sandbox.users.get(this.#ids[name]).locked) this.faults.push(`${name} was locked`);
    }
  }
}
