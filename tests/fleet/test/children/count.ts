// Run as a process of its own: counts in a file that others count in as well, and tells its parent of each success.
import { fileStore } from '@finapi-ts/auth-helpers/stores/file';

// Its parent is gone: the test is over.
process.on('disconnect', () => process.exit());
const [, , folder = '', times = '0'] = process.argv;
const store = fileStore(folder);
for (let counted = 0; counted < Number(times); ) {
  const { value, version } = await store.get('count');
  if ((await store.set('count', String(Number(value ?? 0) + 1), { ifVersion: version })) === undefined) continue;
  counted += 1;
  process.send?.('counted');
}
process.disconnect();
