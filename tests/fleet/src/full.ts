// Whether the long part is wanted, too: `FULL=1`.
export const isFull = !['', '0', 'false', undefined].includes(process.env['FULL']);
