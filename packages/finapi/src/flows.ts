// flows
export {};
