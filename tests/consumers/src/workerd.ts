// Runs a bundled Worker under workerd and asks it once.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export async function askWorker(
  program: string,
  folder: string,
  code: string,
  bindings: Readonly<Record<string, string>>,
): Promise<string> {
  const given = Object.entries(bindings).map(([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed ${JSON.stringify(code)})],
      compatibilityDate = "2026-11-01",
      bindings = [${given.join(', ')}],
      globalOutbound = "machine",
    )),
    (name = "machine", network = (allow = ["local", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
  writeFileSync(join(folder, 'workerd.capnp'), config);
  const child = spawn(program, ['serve', 'workerd.capnp', '--control-fd=3'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => reject(new Error(`workerd ended with ${exit}\n${said}`)));
  });
  ended.catch(() => {});
  try {
    const port = await Promise.race([ended, portOf(child.stdio[3] as NodeJS.ReadableStream)]);
    return await Promise.race([ended, fetch(`http://127.0.0.1:${port}`).then((response) => response.text())]);
  } finally {
    child.kill();
    await ended.catch(() => {});
  }
}

/** workerd tells in a line where it listens. */
function portOf(control: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve) => {
    createInterface(control).on('line', (line) => {
      const { event, port } = JSON.parse(line) as { event: string; port: number };
      if (event === 'listen') resolve(port);
    });
  });
}
