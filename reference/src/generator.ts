// OpenAPI Generator: finds Java, makes sure of the JAR, runs it, and stops it when we are stopped.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { InputError, type Problem } from '@finapi-ts/scripts/errors';

export const generatorVersion = '5.0.0-beta2';

/** SHA-256 of the JAR that we looked at. It runs on a maintainer's machine, so no other one does. */
const jarHash = '5c62d437e0f319fe5e9065242e270a14fb0581b4a92c5833f44940e18717dc0b';

/** For a run of seconds, compiling less and collecting garbage simply halves the time. */
const javaFlags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Far above any run's time, so that a hanging one ends. */
const deadline = 5 * 60_000;

const noJava = (message: string): Problem => ({
  message,
  hint: existsSync('/etc/debian_version')
    ? 'install it: apt-get install -y --no-install-recommends openjdk-17-jre-headless'
    : 'install a JDK, version 11 or later, and put it on the PATH or into JAVA_HOME',
});

/** The `java` to run: that of JAVA_HOME, else the first on the PATH. */
export function findJava(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const program = process.platform === 'win32' ? 'java.exe' : 'java';
  const home = env['JAVA_HOME'];
  if (home !== undefined && home !== '') {
    const path = join(home, 'bin', program);
    if (existsSync(path)) return path;
    throw new InputError({ message: `JAVA_HOME is ${home}, but there is no ${path}`, hint: 'correct JAVA_HOME or unset it' });
  }
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new InputError(noJava('OpenAPI Generator needs Java, and there is none on this machine'));
}

const require = createRequire(import.meta.url);

/** The one that npm has installed. */
const installedJar = (): string => join(dirname(require.resolve('openapi-generator-jar/package.json')), 'bin/openapi-generator.jar');

/** Refuses a JAR that is not the one we know. */
function checkJar(jar: string): void {
  if (!existsSync(jar)) throw new InputError({ file: jar, message: 'there is no such file', hint: 'install it: npm ci' });
  const hash = createHash('sha256').update(readFileSync(jar)).digest('hex');
  if (hash === jarHash) return;
  throw new InputError({
    file: jar,
    message: `this is not the OpenAPI Generator ${generatorVersion} we know: its SHA-256 is ${hash}, expected ${jarHash}; it was not run`,
    hint: 'install it anew: npm ci',
  });
}

export interface RunOptions {
  /** Told each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Ends the run, as an error, once Java has ended. */
  readonly signal?: AbortSignal;
  readonly java?: string;
  readonly jar?: string;
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs OpenAPI Generator to its end, whatever its exit code. */
export async function runGenerator(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { onLine = () => {}, signal, java = findJava(), jar = installedJar() } = options;
  signal?.throwIfAborted();
  checkJar(jar);
  const child = spawn(java, [...javaFlags, '-jar', jar, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: deadline,
    ...(signal === undefined ? {} : { signal }),
  });
  const lines: string[] = [];
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (cause) => {
      if (signal?.aborted !== true) reject(new InputError(noJava(`${java} cannot be started: ${cause.message}`)));
    });
  });
  signal?.throwIfAborted();
  if (code === null)
    throw new InputError({
      message: `OpenAPI Generator was killed, or had not ended after ${deadline / 60_000} minutes; nothing was written`,
    });
  // What macOS has in place of a missing Java, and what a Java of before 2014 says.
  if (/Unable to locate a Java Runtime|UnsupportedClassVersionError/.test(stderr))
    throw new InputError(noJava(`${java} is no Java that OpenAPI Generator runs on`));
  return { code, stdout: lines.join('\n'), stderr };
}

/** Work that Ctrl-C ends in order: its runs are stopped, its folders removed, and it is said that nothing was written. */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (controller.signal.aborted) throw new InputError({ message: 'stopped; nothing was written' });
    throw cause;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** As `runGenerator`, but anything other than success is an error that says what Java said. */
export async function runToSuccess(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const run = await runGenerator(args, options);
  if (run.code !== 0)
    throw new InputError({ message: `OpenAPI Generator failed with exit code ${run.code}; nothing was written`, hint: causeOf(run) });
  return run;
}

/** The first line that tells what went wrong, without the stack. */
export function causeOf(run: Pick<Run, 'stdout' | 'stderr'>): string {
  const lines = `${run.stderr}\n${run.stdout}`.split('\n').filter((line) => line.trim() !== '' && !/^\s+(at|\.\.\.) /.test(line));
  return lines.find((line) => /Exception|Error|Errors:|\[error\]/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

/** A temporary folder that is gone when `use` has ended, well or not. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'finapi-reference-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
