// Where oidc-provider keeps what it issues: in memory, for one provider alone. Its own store of this kind warns at every start.

interface Payload {
  readonly grantId?: string;
  consumed?: number;
}

/** An adapter for each of oidc-provider's models. */
export function shelves(): (model: string) => object {
  return () => {
    const kept = new Map<string, { readonly payload: Payload; readonly endsAt: number }>();
    return {
      async upsert(id: string, payload: Payload, expiresInS?: number) {
        kept.set(id, { payload, endsAt: Date.now() + (expiresInS ?? Number.POSITIVE_INFINITY) * 1000 });
      },
      async find(id: string) {
        const found = kept.get(id);
        return found === undefined || found.endsAt <= Date.now() ? undefined : { ...found.payload };
      },
      async consume(id: string) {
        const found = kept.get(id);
        if (found !== undefined) found.payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id: string) {
        kept.delete(id);
      },
      async revokeByGrantId(grantId: string) {
        for (const [id, { payload }] of kept) if (payload.grantId === grantId) kept.delete(id);
      },
    };
  };
}
