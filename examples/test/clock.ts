// Lets time pass on a test clock until something has ended.
import type { TestClock } from '@finapi-ts/testing';

/** An hour at most. Settles as the flow does. */
export async function played<T>(clock: TestClock, flow: Promise<T>): Promise<T> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  flow.then(end, end);
  for (let seconds = 0; !ended && seconds < 3600; seconds++) {
    // Files answer between two turns of the event loop, not by this clock.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
  }
  if (!ended) throw new Error('it did not end within an hour');
  return flow;
}
