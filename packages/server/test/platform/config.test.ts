import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { parseDatabaseUrl } from "../../src/platform/config/database-url.ts"
import { DEFAULT_SERVER_YAML } from "../../src/platform/config/default-text.ts"
import { databaseFromEnvironment } from "../../src/platform/config/environment.ts"
import { ensureServerFolder } from "../../src/platform/config/folder.ts"
import { readProviders } from "../../src/platform/config/providers.ts"
import { originsOf, parseServerConfig, readServerConfig } from "../../src/platform/config/read.ts"
import { readContextKey } from "../../src/platform/context-keys/key-file.ts"

const home = await mkdtemp(join(tmpdir(), "nightlight-config-"))
afterAll(() => rm(home, { recursive: true, force: true }))

describe("server.yaml", () => {
  it("as it is written first says what an empty one says", () => {
    expect(parseServerConfig(DEFAULT_SERVER_YAML)).toEqual(parseServerConfig("version: 1\n"))
  })

  it.each([
    ["an unknown key", "version: 1\nlisten:\n  prot: 1\n", /line 3: listen: Unrecognized key/],
    ["a value out of range", "version: 1\nlisten:\n  port: 99999\n", /line 3: listen.port/],
    ["an origin with a path", "version: 1\norigins: [https://a.example/x]\n", /origins\.0: expected an origin/],
    ["automatic filing", "version: 1\nreports:\n  automaticFiling: on\n", /reports.automaticFiling/],
    ["a key twice", "version: 1\nversion: 1\n", /line 2: duplicate key/],
    [
      "plain http for another host",
      "version: 1\n\norigins:\n  - http://any.host\n",
      /line 4: origins\.0: expected https/,
    ],
    ["plain http for a name that begins alike", "version: 1\norigins: [http://localhost.any.host]\n", /expected https/],
    ["plain http for another machine's address", "version: 1\norigins: [http://10.0.0.1:8080]\n", /expected https/],
    ["plain http for every address", "version: 1\norigins: [http://0.0.0.0:8080]\n", /expected https/],
    [
      "http before https",
      "version: 1\norigins: [http://localhost:8080, https://a.example]\n",
      /origins: expected an https/,
    ],
    ["an alias", "version: 1\norigins: &a []\nlog: *a\n", /aliases/],
    ["another version", "version: 2\n", /version/],
    [
      "a demonstration that would file for good",
      "version: 1\ndemo: true\nreports:\n  environment: production\n",
      /line 4: reports.environment: a demonstration can only report to the test host/,
    ],
  ])("with %s is refused, by line and key", (_, text, words) => {
    expect(() => parseServerConfig(text)).toThrow(words)
    expect(() => parseServerConfig(text)).toThrow(expect.objectContaining({ code: "config_invalid" }))
  })

  it("without origins serves this machine under its port", () => {
    const config = parseServerConfig("version: 1\n")
    expect(originsOf(config, 9000)).toEqual(["http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"])
    expect(originsOf(parseServerConfig("version: 1\norigins: [https://a.example]\n"))).toEqual(["https://a.example"])
  })
})

describe("the server's folder", () => {
  it("is made once, with keys that only its owner reads, and a lost key is not made anew", async () => {
    const dir = join(home, "server")
    const folder = await ensureServerFolder(dir)
    const key = await readContextKey(folder.contextKey)
    expect(key).toHaveLength(32)
    for (const file of Object.values(folder)) expect((await stat(file)).mode & 0o777).toBe(0o600)
    await ensureServerFolder(dir)
    expect(await readContextKey(folder.contextKey)).toEqual(key)
    await chmod(folder.contextKey, 0o640)
    await expect(readContextKey(folder.contextKey)).rejects.toMatchObject({ code: "key_unusable" })
    await rm(folder.contextKey)
    await ensureServerFolder(dir)
    await expect(readContextKey(folder.contextKey)).rejects.toMatchObject({ code: "key_unusable" })
  })

  it("names the custodian's socket where that is elsewhere", async () => {
    const folder = await ensureServerFolder(join(home, "elsewhere"), "/tmp/somewhere/custodian.sock")
    expect((await readServerConfig(folder.config)).paths.custodianSocket).toBe("/tmp/somewhere/custodian.sock")
    expect(await readFile(folder.config, "utf8")).toContain("version: 1")
  })

  it("keeps a provider's secret in a file of its own that nobody else reads", async () => {
    const provider = { id: "work", label: "Work", issuer: "https://login.example", clientId: "n" }
    const text = JSON.stringify({ version: 1, signIn: { providers: [{ ...provider, clientSecretFile: "secret" }] } })
    const config = parseServerConfig(text)
    await writeFile(join(home, "secret"), "canary-secret\n", { mode: 0o600 })
    expect(await readProviders(config, home)).toEqual([{ ...provider, clientSecret: "canary-secret" }])
    await chmod(join(home, "secret"), 0o644)
    await expect(readProviders(config, home)).rejects.toMatchObject({ code: "config_invalid" })
  })
})

describe("DATABASE_URL", () => {
  const parse = (text: string) => parseDatabaseUrl(text, "DATABASE_URL")

  it("to another machine is TLS with a checked host name, whatever it says less", () => {
    expect(parse("postgresql://u:p%40w@db.example:6432/n")).toEqual({
      host: "db.example",
      port: 6432,
      user: "u",
      password: "p@w",
      database: "n",
      ssl: { rejectUnauthorized: true },
    })
    expect(parse("postgresql://u:p@db.example/n?sslmode=verify-full")).toMatchObject({
      ssl: { rejectUnauthorized: true },
    })
    for (const mode of ["disable", "allow", "prefer", "require", "verify-ca", "no-verify"]) {
      expect(() => parse(`postgresql://u:p@db.example/n?sslmode=${mode}`)).toThrow(/without checking/)
    }
  })

  it("to this machine needs none", () => {
    expect(parse("postgresql://u:p@localhost/n").ssl).toBeUndefined()
    expect(parse("postgresql://u:p@/n?host=/run/postgresql")).toMatchObject({ host: "/run/postgresql", user: "u" })
  })

  it("is never quoted in an error", () => {
    for (const text of ["canary", "http://u:canary@h/n", "postgresql://u:canary@h/n?sslmode=disable"]) {
      expect(() => parse(text)).toThrow(/^(?!.*canary)/)
    }
  })

  it("comes with its owner's, or without", () => {
    expect(databaseFromEnvironment({})).toBeUndefined()
    const app = "postgresql://nightlight_app:a@localhost/n"
    expect(databaseFromEnvironment({ DATABASE_URL: app })?.owner).toBeUndefined()
    const both = { DATABASE_URL: app, NIGHTLIGHT_DATABASE_OWNER_URL: "postgresql://nightlight_owner:b@localhost/n" }
    expect(databaseFromEnvironment(both)?.owner).toMatchObject({ user: "nightlight_owner" })
  })
})
