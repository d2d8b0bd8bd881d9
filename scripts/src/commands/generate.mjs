// Starts `generate`.
import '../start.mjs';

await import('./generate.ts');
