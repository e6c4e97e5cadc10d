import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { integrity } from "./integrity-plugin.ts"

/** The running server that `npm run dev` proxies to; `NIGHTLIGHT_SERVER` overrides it. */
const server = process.env["NIGHTLIGHT_SERVER"] ?? "http://127.0.0.1:8080"
// The server accepts requests only under its own host name and origin.
const proxied = { target: server, changeOrigin: true, headers: { origin: server } }

export default defineConfig({
  plugins: [react(), integrity()],
  resolve: { conditions: ["@nightlight/source", "module", "browser", "development|production"] },
  // Nothing is inlined, because the content security policy forbids data: URLs and inline scripts.
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { "/v1": proxied, "/readyz": proxied } },
})
