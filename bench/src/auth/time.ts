// Sets the clocks of this process forward: the wall clock, however it is read, and the monotonic one.

let aheadMs = 0;

/** To be called before anything looks at a clock. */
export function takeOverClocks(): { readonly advance: (ms: number) => void } {
  const RealDate = Date;
  const monotonic = performance.now.bind(performance);
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string | Date]) {
      super(...((given.length === 0 ? [RealDate.now() + aheadMs] : given) as [number]));
    }

    static override now(): number {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;
  performance.now = () => monotonic() + aheadMs;
  return {
    advance(ms) {
      aheadMs += ms;
    },
  };
}
