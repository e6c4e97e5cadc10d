import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import {
  CHECKPOINT_RESTART_FORMAT,
  type CheckpointRestart,
  createPersonKey,
  enrolmentProof,
  proveCheckpointRestart,
} from "@nightlight/contract/custodian"
import { DEMO_PASSPHRASE } from "@nightlight/demo"
import { type DemoPerson, signInTo } from "@nightlight/dev-env/command/demo-person"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { startS3 } from "@nightlight/dev-env/simulators/s3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument } from "yaml"

const MINUTES = 60_000
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const RUN = `process.exitCode = await (await import(${JSON.stringify(MAIN)})).run(process.argv.slice(1))`

interface Started {
  readonly up: UpProcess
  readonly url: string
  readonly people: readonly DemoPerson[]
}

describe("checkpoints of a running installation", () => {
  let home: string
  let data: string
  let running: Started
  let s3: Awaited<ReturnType<typeof startS3>>
  let witness: ReturnType<typeof startWitness>
  const places: string[] = []

  const start = async (): Promise<Started> => {
    const up = startUp(["--demo", "--data", data, "--admin-port", "0"])
    const { url, people } = (await up.next(({ event }) => event === "demo")) as unknown as Omit<Started, "up">
    return { up, url, people }
  }
  const stop = async () => {
    running.up.child.kill("SIGTERM")
    expect((await running.up.ended).code).toBe(0)
  }
  const as = async (role: string) => {
    const person = running.people.find((one) => one.role === role)
    if (person === undefined) throw new Error(`nobody is ${role}`)
    return { person, ...(await signInTo(running.url, person)) }
  }

  beforeAll(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "nl-checkpoints-")))
    data = join(home, "demo")
    s3 = await startS3()
    witness = startWitness(join(home, "witness"))
    running = await start()
    await stop()
    const { url, publicKey } = await witness.listening
    const key = join(data, "custodian/keys/checkpoint.pem.pub")
    const added = await runCommand(["audit", "witness-client", "ours", "--key", key, "--data", witness.dir, "--json"])
    await writeFile(join(data, "server/witness.key"), String(oneObject(added)["key"]), { mode: 0o600 })
    await writeFile(join(data, "server/s3.json"), JSON.stringify(s3.credentials), { mode: 0o600 })
    const folder = join(home, "copies")
    await mkdir(folder)
    const file = join(data, "server/server.yaml")
    const config = parseDocument(await readFile(file, "utf8"))
    const bucket = { endpoint: s3.endpoint, region: "eu-1", bucket: "log", prefix: "a/", credentialsFile: "s3.json" }
    config.setIn(
      ["checkpoints", "copies"],
      [{ folder }, { s3: bucket }, { witness: { url, publicKey, keyFile: "witness.key" } }],
    )
    await writeFile(file, config.toString())
    places.push(folder, "s3://log/a/", url)
    running = await start()
  }, 5 * MINUTES)
  afterAll(async () => {
    await stop()
    witness.child.kill("SIGTERM")
    await s3.close()
    await rm(home, { recursive: true, force: true })
  }, MINUTES)

  it("are copied to a folder, a bucket and a witness, which Health shows and audit verify compares with", {
    timeout: 5 * MINUTES,
  }, async () => {
    const administrator = await as("administrator")
    const copies = async () =>
      (
        await administrator.must<{ readonly health: { readonly checkpointCopies: readonly object[] } }>(
          "GET",
          "/v1/home",
        )
      ).health.checkpointCopies
    const done = places.map((place) => ({ place, state: "current", copiedAt: expect.any(String) }))
    await expect.poll(copies, { timeout: 3 * MINUTES, interval: 1_000 }).toMatchObject(done)
    const ready = running.up.events.findLast(({ event }) => event === "ready")
    const detail = await fetch(`http://127.0.0.1:${String(ready?.["adminPort"])}/health`)
    expect(await detail.json()).toMatchObject({ checkpointCopies: done })
    for (const place of places) {
      const verified = await runCommand(["audit", "verify", "--data", data, "--checkpoints", place, "--json"])
      expect({ place, exit: verified.exit, ...oneObject(verified) }).toMatchObject({ place, exit: 0, ok: true })
    }
    const unknown = await runCommand(["audit", "verify", "--data", data, "--checkpoints", "/nowhere"])
    expect(unknown).toMatchObject({ exit: 2, err: expect.stringContaining("checkpoints.copies") })
    const copy = join(places[0] ?? "", "checkpoints.ndjson")
    await writeFile(copy, (await readFile(copy, "utf8")).replace(/"hash":"./, '"hash":"x'))
    const edited = await runCommand(["audit", "verify", "--data", data, "--checkpoints", places[0] ?? ""])
    expect(edited).toMatchObject({ exit: 4, err: expect.stringContaining("line 1 of the checkpoints") })
    await rm(copy)
    const away = await runCommand(["audit", "verify", "--data", data, "--checkpoints", places[0] ?? ""])
    expect(away).toMatchObject({ exit: 2, out: "", err: expect.stringContaining("nothing to compare with") })
    const [object = ""] = s3.objects.keys()
    s3.overwrite(object, "something else\n")
    const overwritten = await runCommand(["audit", "verify", "--data", data, "--checkpoints", "s3://log/a/"])
    expect(overwritten).toMatchObject({ exit: 4, err: expect.stringContaining(object) })
  })

  it("are not compared with a file that is missing or a folder, and the code says which", {
    timeout: 3 * MINUTES,
  }, async () => {
    const compare = (file: string) => runCommand(["audit", "verify", "--data", data, "--checkpoint", file, "--json"])
    const missing = join(home, "missing.ndjson")
    expect(oneObject(await compare(missing))).toMatchObject({ error: { code: "not_found" } })
    expect(oneObject(await compare(home))).toMatchObject({ error: { code: "input_invalid" } })
    // So does every command that another process carries out.
    const nobody = await runCommand(["people", "code", "nobody@example.org", "--data", data, "--json"])
    expect({ ...oneObject(nobody), exit: nobody.exit }).toMatchObject({
      exit: 2,
      error: { code: "not_found", message: "nobody has this e-mail address" },
    })
  })

  it("continue from an event that counsel signed for, with the host's passphrase", {
    timeout: 5 * MINUTES,
  }, async () => {
    const counsel = await as("counsel")
    const { person } = counsel
    const { publicKey, privateKey } = await createPersonKey()
    await counsel.must("POST", "/v1/me/key", {
      publicKey,
      proof: await enrolmentProof(person.enrolmentCode ?? "", person.id, publicKey),
    })
    const restart = async () => {
      const { signed } = await counsel.must<{ readonly signed: CheckpointRestart["start"] }>(
        "GET",
        "/v1/audit/checkpoints",
      )
      const now = Date.now()
      const document: CheckpointRestart = {
        format: CHECKPOINT_RESTART_FORMAT,
        restartId: `restart-${crypto.randomUUID()}`,
        person: person.id,
        reason: "database-restored",
        before: signed,
        start: signed,
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + 10 * MINUTES).toISOString(),
      }
      const proof = await proveCheckpointRestart(document, privateKey)
      await counsel.must("POST", "/v1/audit/checkpoint-restarts", { restart: document, proof })
      return ["audit", "restart-checkpoints", document.restartId, "--data", data, "--json"]
    }
    const argv = await restart()
    const wrong = await runCommand(argv, { env: { NIGHTLIGHT_PASSPHRASE: "another passphrase" } })
    expect(wrong.exit).toBe(2)
    const env = { NIGHTLIGHT_PASSPHRASE: DEMO_PASSPHRASE }
    // The minute's checkpoint may have moved the head that counsel signed for.
    let ran = await runCommand(argv, { env })
    for (let tries = 0; ran.exit !== 0 && tries < 3; tries++) ran = await runCommand(await restart(), { env })
    expect(oneObject(ran)).toMatchObject({ person: person.id, reason: "database-restored" })
    const verified = await runCommand(["audit", "verify", "--data", data, "--json"])
    expect({ exit: verified.exit, ...oneObject(verified) }).toMatchObject({ exit: 0, ok: true })
    const again = await runCommand([...argv.slice(0, 2), String(oneObject(ran)["restartId"]), ...argv.slice(3)], {
      env,
    })
    expect(again.exit).not.toBe(0)
  })
})

/** `nightlight audit witness` as a process. */
function startWitness(dir: string) {
  const flags = ["-C", "@nightlight/source", "--no-warnings", "--input-type=module", "-e", RUN, "--"]
  const args = ["audit", "witness", "--listen", "127.0.0.1:0", "--data", dir, "--json"]
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const listening = new Promise<{ readonly url: string; readonly publicKey: string }>((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line)))
  })
  return { child, listening, dir }
}
