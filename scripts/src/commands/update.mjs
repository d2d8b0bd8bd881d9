// Starts `update`.
import '../start.mjs';

await import('./update.ts');
