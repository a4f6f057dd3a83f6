import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** The node that the development server passes requests on to. */
const node = process.env.DETENTE_NODE ?? 'http://127.0.0.1:8443';

/** The ledger's checks as WebAssembly, which the build of the server names; without it the proof room checks with its own script. */
const verifier = process.env.DETENTE_VERIFIER_FILE ? readFileSync(process.env.DETENTE_VERIFIER_FILE) : null;
/** Named after its content, as everything in that folder. */
const verifierName = verifier && `assets/verifier-${createHash('sha256').update(verifier).digest('hex').slice(0, 12)}.wasm`;

export default defineConfig({
  plugins: [
    svelte(),
    {
      name: 'verifier',
      generateBundle() {
        if (verifier && verifierName) this.emitFile({ type: 'asset', fileName: verifierName, source: verifier });
      },
    },
  ],
  define: { VERIFIER: JSON.stringify(verifierName) },
  base: './',
  build: {
    // An empty folder name would be this one, and it is emptied before the build.
    outDir: process.env.DETENTE_CONSOLE_OUT || 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and symbols stay files: `data:` sources are left out of the content security policy where they can be.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: { proxy: { '/api': { target: node, changeOrigin: false } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
