// Targets that are known to be missed, with the figure of the last look and the reason. `bench --check` lets them pass
// until they get worse by a quarter.
export interface Known {
  /** In the unit of the row. */
  readonly measured: number;
  readonly reason: string;
}

/** By topic and row, like `calling/get`. */
export const known: Readonly<Record<string, Known | undefined>> = {
  'generation/nothing': {
    measured: 0.3,
    reason: 'two thirds of it are the start of Node and of its type stripping; met on a quiet machine',
  },
  'size/one': { measured: 7.65, reason: 'the operation table is 1.8 kB of it, checks and messages most of the rest' },
  'size/all': { measured: 7.6, reason: 'the operation table is 1.8 kB of it, checks and messages most of the rest' },
  'calling/import': { measured: 20, reason: 'twelve modules, about a millisecond each to find and load' },
};
