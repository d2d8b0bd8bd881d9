// What a Worker cannot do stands in for what does it elsewhere: the test that asks for it is skipped, and says why.
import { TestRunner } from 'vitest';

const absent = (why: string) => (): never => {
  const test = TestRunner.getCurrentTest();
  if (test?.type !== 'test') throw new Error(`a hook ${why}; leave its file out`);
  return test.context.skip(why);
};

const server = 'opens a server on this machine';
export const hostile = absent(server);
export const startServer = absent(server);
export const programOf = absent('starts processes');
