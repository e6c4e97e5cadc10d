/**
 * A whole installation on one machine, as `nightlight up` starts it: PostgreSQL, server, worker and custodian, each its
 * own process. The simulator acts as the production host that the custodian has pinned.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join as path } from "node:path"
import { startSimulatorProcess } from "@nightlight/cybertipline/simulator"
import { oneObject, type Ran, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { parseDocument } from "yaml"
import { byTwo, type ConsolePerson, join } from "./person.ts"

const PASSPHRASE = { NIGHTLIGHT_PASSPHRASE: "correct horse battery" }
const credentials = { username: "esp-1", password: "a password of a test" }

/** Roles that a test's people can have. */
export type Role = "reviewer" | "reporter" | "counsel" | "auditor"

/** The people of a test: an administrator, and one person for each requested role. */
export type Staff = Readonly<Record<Role | "administrator", ConsolePerson>>

/** Creates the installation; only the simulator runs yet. */
export async function makeSite(name: string) {
  const folder = realpathSync(mkdtempSync(path(tmpdir(), `nl-${name}-`)))
  const pathOf = (...parts: string[]) => path(folder, ...parts)
  const data = pathOf("site")
  const temporary = pathOf("tmp")
  mkdirSync(temporary, { mode: 0o700 })
  const env = { ...PASSPHRASE, TMPDIR: temporary }
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const simulator = await startSimulatorProcess({ credentials, environment: "production", adminToken: "admin" })
  let up: UpProcess | undefined

  const nightlight = (...argv: string[]): Promise<Ran> =>
    runCommand(["--workspace", data, ...argv], { cwd: folder, env })
  const host = (...argv: string[]): Promise<Ran> => runCommand([...argv, "--data", data], { cwd: folder, env })

  /** Starts everything; without a passphrase the custodian stays locked. */
  async function start({ locked = false } = {}) {
    up = startUp(["--data", data, "--port", String(port)], locked ? { TMPDIR: temporary } : env)
    let link = ""
    const ready = await up.next((event) => {
      if (event.event === "setup-link") link = String(event["url"])
      return event.event === "ready"
    })
    return { link, adminPort: ready["adminPort"] === undefined ? undefined : Number(ready["adminPort"]) }
  }

  async function stop(): Promise<number | null> {
    const running = up
    up = undefined
    running?.child.kill("SIGTERM")
    return (await running?.ended)?.code ?? null
  }

  /** Changes a YAML file of the data folder in place. */
  function configure(file: string, change: Readonly<Record<string, unknown>>): void {
    const document = parseDocument(readFileSync(path(data, file), "utf8"))
    for (const [key, value] of Object.entries(change)) document.setIn(key.split("."), value)
    writeFileSync(path(data, file), document.toString(), { mode: 0o600 })
  }

  /** Creates keys and configuration, and imports a list. */
  async function prepare(listCsv: string): Promise<void> {
    writeFileSync(pathOf("list.csv"), listCsv)
    must(await nightlight("init", "--yes", "--custody", "seal", "--basis", "a test's own reasons"))
    must(await nightlight("lists", "import", pathOf("list.csv"), "--name", "ours", "--trust", "trusted"))
    // The first start writes the configuration that the operator then completes.
    await start()
    await stop()
    configure("server/server.yaml", {
      "organisation.company": "Example Lab",
      "organisation.contact": { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: null },
      "admin.port": 0,
      "reports.environment": "production",
      // Everything runs as one OS user.
      "reports.sharedCustody": "accept",
      "review.secondReviewSampling": 0,
    })
    configure("custodian/custodian.yaml", {
      "hosts.production.enabled": true,
      "hosts.production.baseUrl": simulator.baseUrl,
    })
    writeFileSync(pathOf("password"), `${credentials.password}\n`, { mode: 0o600 })
    const given = ["production", "--username", credentials.username, "--password-file", pathOf("password")]
    must(await host("custodian", "credentials", ...given))
  }

  /** The host's code for a person's link. */
  async function codeFor(person: string): Promise<string> {
    const codes = oneObject(await host("people", "code", person, "--json"))["codes"] as readonly { code: string }[]
    return codes[0]?.code ?? ""
  }

  /** The host's one-time code for enrolling a person's key. */
  async function enrolmentCode(person: string, role: string): Promise<string> {
    return String(oneObject(await host("custodian", "enrol", person, "--role", role, "--json"))["code"])
  }

  /** Sets up two administrators and one person for each role, with keys that the custodian knows. */
  async function staff(link: string, ...roles: readonly Role[]): Promise<Staff> {
    // The configuration changed since the custodian last trusted it: somebody with the passphrase confirms the change.
    must(await host("custodian", "unlock", "--accept-config"))
    const first = await join(origin, link, "first@example.org", {
      name: "First",
      second: { name: "Second", email: "second@example.org" },
    })
    const invited = first.second ?? { personId: "", url: "" }
    const second = await join(origin, invited.url, "second@example.org", await codeFor(invited.personId))
    for (const one of [first.person, second.person]) await one.bringKey(await enrolmentCode(one.id, "approver"))
    const members: [Role, ConsolePerson][] = []
    for (const [index, role] of roles.entries()) {
      const email = `${role}@example.org`
      // In turns, because two people invited by the same administrator are not independent.
      const [asking, approving] = index % 2 === 0 ? [first.person, second.person] : [second.person, first.person]
      const made = await asking.must<{ personId: string; url: string }>("POST", "/v1/people", { name: role, email })
      await byTwo(asking, approving, { path: `/v1/people/${made.personId}/roles`, body: { role } })
      await second.person.must("PUT", `/v1/people/${made.personId}/training`, { trainedAt: new Date().toISOString() })
      const { person } = await join(origin, made.url, email, await codeFor(made.personId))
      if (role !== "auditor") await person.bringKey(await enrolmentCode(person.id, role))
      members.push([role, person])
    }
    return { administrator: first.person, ...(Object.fromEntries(members) as Record<Role, ConsolePerson>) }
  }

  return {
    folder,
    at: pathOf,
    data,
    temporary,
    origin,
    simulator,
    nightlight,
    host,
    start,
    stop,
    prepare,
    staff,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await simulator.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An installation that {@link makeSite} created. */
export type Site = Awaited<ReturnType<typeof makeSite>>

function must({ exit, err }: Ran): void {
  if (exit !== 0) throw new Error(`expected the command to succeed: ${err}`)
}
