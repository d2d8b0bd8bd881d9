// Targets that are known to be missed, with the figure of the last look and the reason. `bench --check` lets them pass
// until they get worse by a quarter.
export interface Known {
  /** In the unit of the row. */
  readonly measured: number;
  readonly reason: string;
}

/** By topic and row, like `calling/get`. */
export const known: Readonly<Record<string, Known | undefined>> = {};
