/** The file of the ledger's checks as WebAssembly, below the page; null when the console was built without it (`vite.config.ts`). */
declare const VERIFIER: string | null;
