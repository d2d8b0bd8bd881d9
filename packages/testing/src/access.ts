// What the sandbox does itself of Access, in both versions.
import { banking } from './banking.js';
import type { Handler } from './call.js';
import { stateful } from './stateful.js';

/** By operation id. */
export const accessHandlers: Readonly<Record<string, Handler>> = { ...stateful, ...banking };
