import { expect, it } from "vitest"
import { childEnvironment } from "../src/supervisor/environment.ts"

it("a child's environment contains only listed variables and no secret", () => {
  const env = {
    PATH: "/bin",
    DATABASE_URL: "canary",
    NIGHTLIGHT_PASSPHRASE: "canary",
    AWS_SECRET: "canary",
    NODE_OPTIONS: "canary",
  }
  const passed = { PATH: "/bin", LANG: "C", TZ: "UTC", NODE_ENV: "production" }
  expect(childEnvironment(env)).toEqual(passed)
  const named = { NODE_EXTRA_CA_CERTS: "/a", SSL_CERT_FILE: "/b", SSL_CERT_DIR: "/c" }
  expect(childEnvironment({ ...env, ...named })).toEqual({ ...passed, ...named })
  expect(childEnvironment({ ...env, ...named }, "", false)).toEqual(passed)
  const cached = { ...env, NODE_COMPILE_CACHE: "/cache" }
  expect(childEnvironment(cached, "/app/dist/main.js")).toEqual(passed)
  expect(childEnvironment(cached, "/app/src/main.ts")).toEqual({ ...passed, NODE_COMPILE_CACHE: "/cache" })
})
