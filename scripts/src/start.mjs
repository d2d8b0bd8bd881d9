// Goes before a command: says which Node it needs, and keeps compiled code, which is most of the time of a run with nothing to do.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

if (process.features.typescript === false || process.features.typescript === undefined) {
  process.stderr.write(
    `error Node ${process.versions.node} cannot run the scripts\n    run them with npm (npm run …), which brings Node 24 on Linux and Windows; elsewhere install Node 24.18 or later\n`,
  );
  process.exit(1);
}
module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/finapi-ts/compiled', import.meta.url)));
