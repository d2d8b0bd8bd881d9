// What the stores of this package say when something is wrong with what is stored: never what it is.

/** An error whose message may be shown. The token layer passes it on; of other errors of a store it does not tell what they said. */
export const fault = (message: string): Error => Object.assign(new Error(message), { name: 'StoreError', code: 'STORE' });
