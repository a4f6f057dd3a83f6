import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** The node that the development server passes requests on to. */
const node = process.env.DETENTE_NODE ?? 'http://127.0.0.1:8443';

export default defineConfig({
  plugins: [svelte()],
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
