import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { integrity } from "./integrity-plugin.ts"

/** `NIGHTLIGHT_SERVER`: where `npm run dev` finds a running server. */
const server = process.env["NIGHTLIGHT_SERVER"] ?? "http://127.0.0.1:8080"
// The server answers to its own name and origin alone.
const proxied = { target: server, changeOrigin: true, headers: { origin: server } }

export default defineConfig({
  plugins: [react(), integrity()],
  resolve: { conditions: ["@nightlight/source", "module", "browser", "development|production"] },
  // Nothing is inlined: a strict content security policy takes no data: URL and no script of the page itself.
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { "/v1": proxied, "/readyz": proxied } },
})
