// What an update leaves for people to write: drafts, which lint refuses and nobody can publish.

/** Begins words that somebody has yet to write; they count as none. */
export const draftMark = 'DRAFT:';

/** Stands in place of the tokens of an operation until somebody says which it takes. */
export const draftToken = `${draftMark} client, user, admin, or an empty list for none`;

export const isDraft = (value: unknown): boolean => typeof value === 'string' && value.startsWith(draftMark);
export const isDraftToken = (value: unknown): boolean => Array.isArray(value) && value.some(isDraft);
