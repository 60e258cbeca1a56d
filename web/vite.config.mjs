import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/",
  // Only the air symbols of milsymbol are wanted; its package entry would bring every symbol set (200 kB more).
  resolve: { alias: { "milsymbol/parts": here("./node_modules/milsymbol/index.mjs") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: process.env["VIGIE_PAGE"] ?? here("../src/vigie/show/page"),
    emptyOutDir: true,
    target: "es2022",
    // Nothing inline: the content security policy of the page allows only files of its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
