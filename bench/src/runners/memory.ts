// Preloaded into a process (--import): writes its peak memory in kB to file descriptor 3 when it ends.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  writeSync(3, String(process.resourceUsage().maxRSS));
});
