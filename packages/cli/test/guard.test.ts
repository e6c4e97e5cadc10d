import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { MINUTE_MS } from "@nightlight/core"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUpstream } from "@nightlight/dev-env/guard/upstream"
import { afterAll, beforeAll, expect, it } from "vitest"

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const RUN = `process.exitCode = await (await import(${JSON.stringify(MAIN)})).run(process.argv.slice(1))`
const PASSPHRASE = { NIGHTLIGHT_PASSPHRASE: "a passphrase of tests" }

let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "nightlight-guard-"))
  const made = await runCommand(["init", "--yes", "--json"], { cwd: dir, env: PASSPHRASE })
  expect(made.exit).toBe(0)
  writeFileSync(join(dir, "list.csv"), `sha256\n${"0123456789abcdef".repeat(4)}\n`)
  const imported = await runCommand(["lists", "import", "list.csv", "--name", "ours", "--trust", "trusted"], {
    cwd: dir,
  })
  expect(imported.exit, imported.err).toBe(0)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it("nightlight guard does not start while no check covers texts, and says what to do", async () => {
  const { exit, err } = await runCommand(["guard", "--upstream", "http://127.0.0.1:9/v1"], { cwd: dir })
  expect(exit).toBe(2)
  expect(err).toContain("open surfaces without a real check: chat.input.text")
  expect(err).toContain("add a check")
})

it("nightlight guard init writes a configuration once", async () => {
  expect(oneObject(await runCommand(["guard", "init", "--json"], { cwd: dir }))).toEqual({
    path: join(dir, "guard.yaml"),
  })
  expect((await runCommand(["guard", "init"], { cwd: dir })).exit).toBe(2)
})

it("nightlight guard add-key shows each key once and keeps its digest", async () => {
  const { key } = oneObject(await runCommand(["guard", "key", "app", "--json"], { cwd: dir }))
  expect(key).toMatch(/^nlg-[\w-]{43}$/)
  expect((await runCommand(["guard", "key", "app"], { cwd: dir })).exit).toBe(2)
  expect((await runCommand(["guard", "key", "ours", "--trusted"], { cwd: dir })).exit).toBe(0)
  const kept = readFileSync(join(dir, "guard-keys.yaml"), "utf8")
  expect(kept).not.toContain(String(key))
  expect(kept).toContain("id: ours")
})

it("nightlight guard runs in front of a service until it is stopped", { timeout: 3 * MINUTE_MS }, async () => {
  writeFileSync(
    join(dir, "guard.yaml"),
    "version: 1\nendpoints: [chat]\nchecks: [{ kind: hash-match }, { kind: patterns, name: words, file: patterns.yaml }]\n",
  )
  writeFileSync(join(dir, "patterns.yaml"), "version: 1\nrules: [{ name: canary, phrases: [canary-phrase] }]\n")
  const upstream = await startUpstream()
  const flags = ["guard", "--upstream", upstream.url, "--port", "0", "--admin-port", "0", "--json"]
  const node = ["-C", "@nightlight/source", "--input-type=module", "-e", RUN, "--", ...flags]
  const guard = spawn(process.execPath, node, { cwd: dir, stdio: ["ignore", "pipe", "inherit"] })
  const events: { readonly event: string; readonly port?: number }[] = []
  const lines = createInterface({ input: guard.stdout })
  lines.on("line", (line) => events.push(JSON.parse(line)))
  await expect.poll(() => events[0]?.event, { timeout: 30_000 }).toBe("listening")
  const ask = (content: string) =>
    fetch(`http://127.0.0.1:${events[0]?.port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
    })
  expect((await ask("hello")).status).toBe(200)
  expect((await ask("a canary-phrase")).status).toBe(400)
  guard.kill("SIGTERM")
  const [status] = (await once(guard, "exit")) as [number]
  await upstream.close()
  expect(status).toBe(0)
  expect(events.map(({ event }) => event)).toEqual(["listening", "draining", "stopped"])
  const { findings } = oneObject(await runCommand(["guard", "findings", "--json"], { cwd: dir }))
  expect(findings).toMatchObject([{ shard: "chat.input", decision: "block", rule: "words.canary" }])
  const { evidence } = oneObject(await runCommand(["evidence", "ls", "--json"], { cwd: dir }))
  expect(evidence).toMatchObject([{ ok: true, row: { custody: "located" } }])
  const verified = await runCommand(["evidence", "verify", "--json"], { cwd: dir, env: PASSPHRASE })
  expect(oneObject(verified)).toMatchObject({ checked: 1, sound: 1, broken: [] })
})
