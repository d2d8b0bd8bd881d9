// What is generated for each operation: what it answers when all is well, and what a call of it must carry.

export interface GeneratedAnswer {
  /** Status of success. */
  readonly status: number;
  /** A body made of the document's examples; absent where success has none. */
  readonly body?: object;
  /** The path parameter that takes several ids at once. */
  readonly list?: string;
  /** Query parameters that must be there. */
  readonly query?: readonly string[];
  /** Fields of the body that must be there. */
  readonly fields?: readonly string[];
}

/** By operation id. */
export type AnswerTable = Readonly<Record<string, GeneratedAnswer>>;
