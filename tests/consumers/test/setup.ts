// Packs what is published once for all test files, and unpacks it for those that only read.
import type { TestProject } from 'vitest/node';
import { createFolder, removeFolder } from '../src/folders.ts';
import { type Packed, packAll } from '../src/tarball.ts';

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed[];
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = createFolder();
  try {
    project.provide('packed', await packAll(folder));
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
  return () => removeFolder(folder);
}
