// The users of the mandator, whom all its clients share. Ids are compared without regard to case.

/** A user as a test describes it. */
export interface UserOptions {
  readonly id: string;
  readonly password: string;
  /** Default `true`; without, a login is answered with 403. */
  readonly verified?: boolean;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly isAutoUpdateEnabled?: boolean;
}

export interface User extends Required<UserOptions> {
  /** Locked by wrong passwords; only a new password undoes it. */
  readonly locked: boolean;
  /** Wrong passwords since the last right one. */
  readonly failedLogins: number;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  readonly lastActiveAt: number | undefined;
  /** As it stands in the `authContext` of errors. */
  readonly number: number;
}

export interface Users {
  list(): readonly User[];
  /** Throws where there is none. */
  get(id: string): User;
  add(user: UserOptions): User;
  verify(id: string): void;
  /** As too many wrong passwords do: all tokens of the user are void, and a login is answered with 423. */
  lock(id: string): void;
  /** As a password change does: lifts a lock, and voids all tokens of the user. */
  setPassword(id: string, password: string): void;
  /** The user is gone, and so are all tokens. */
  delete(id: string): void;
}

type Changes = { -readonly [Name in keyof User]?: User[Name] };

export interface UserStore extends Users {
  find(id: string): User | undefined;
  change(id: string, changes: Changes): User;
  /** Counts a wrong password, and locks at the `most`-th in a row; never where that is 0. */
  countFailure(id: string, most: number): void;
}

/** `voidTokens` ends a user's tokens, `forget` takes away all else that hangs on a user who is deleted. */
export function createUsers(now: () => number, voidTokens: (userId: string) => void, forget: (userId: string) => void): UserStore {
  const all = new Map<string, User>();
  let count = 1000;
  const find = (id: string): User | undefined => all.get(id.toLowerCase());
  const get = (id: string): User => {
    const found = find(id);
    if (found === undefined)
      throw new Error(`the sandbox has no user ${id}; it has: ${[...all.values()].map((it) => it.id).join(', ') || 'none'}`);
    return found;
  };
  const change = (id: string, changes: Changes): User => {
    const user = { ...get(id), ...changes };
    all.set(id.toLowerCase(), user);
    return user;
  };
  const lock = (id: string): void => {
    change(id, { locked: true });
    voidTokens(get(id).id);
  };
  return {
    list: () => [...all.values()],
    find,
    get,
    change,
    add({ id, password, verified = true, email = null, phone = null, isAutoUpdateEnabled = false }) {
      if (find(id) !== undefined) throw new Error(`the sandbox has a user ${id} already; ids differ in more than case`);
      count += 1;
      const rest = { locked: false, failedLogins: 0, registeredAt: now(), lastActiveAt: undefined, number: count };
      all.set(id.toLowerCase(), { id, password, verified, email, phone, isAutoUpdateEnabled, ...rest });
      return get(id);
    },
    verify: (id) => void change(id, { verified: true }),
    lock,
    countFailure(id, most) {
      const { failedLogins } = change(id, { failedLogins: get(id).failedLogins + 1 });
      if (most > 0 && failedLogins >= most) lock(id);
    },
    setPassword(id, password) {
      change(id, { password, locked: false, failedLogins: 0 });
      voidTokens(get(id).id);
    },
    delete(id) {
      const user = get(id);
      voidTokens(user.id);
      all.delete(id.toLowerCase());
      forget(user.id);
    },
  };
}
