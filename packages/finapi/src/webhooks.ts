// webhooks
export {};
