import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CUSTODIAN_ROLES } from "@nightlight/contract/custodian"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { listFormatNames } from "@nightlight/exchanges"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const env = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }
let home: string
let workspace: string
let empty: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "nightlight-wrong-use-"))
  workspace = join(home, "workspace")
  empty = join(home, "empty")
  await mkdir(workspace)
  await mkdir(empty)
  expect(await runCommand(["init", "--yes"], { env, cwd: workspace })).toMatchObject({ exit: 0 })
}, 60_000)
afterAll(() => rm(home, { recursive: true, force: true }))

const inWorkspace = (...argv: string[]) => runCommand(argv, { env, cwd: workspace })

describe("a folder without an installation", () => {
  it.each([
    ["audit verify", ["audit", "verify"]],
    ["audit export", ["audit", "export", "log"]],
    ["audit counts", ["audit", "counts"]],
    ["audit restart-checkpoints", ["audit", "restart-checkpoints", "restart-1"]],
    ["people code", ["people", "code", "ada@example.org"]],
    ["backup", ["backup", "monday"]],
    ["backup drill", ["backup", "drill", "monday"]],
    ["restore", ["restore", "monday"]],
    ["restore --pause", ["restore", "--pause"]],
    ["restore --reconcile", ["restore", "--reconcile"]],
    ["break-glass list", ["break-glass", "list"]],
  ])("is named by %s, which creates nothing in it", async (_, argv) => {
    const ran = await runCommand([...argv, "--data", empty], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain(`there is no installation in ${empty} (not_found)`)
    expect(await readdir(empty)).toEqual([])
  })

  it.each(["rotate context", "rewrap context", "rotate log"])(
    "makes keys %s say whose key that is",
    async (command) => {
      const ran = await inWorkspace("keys", ...command.split(" "))
      expect(ran).toMatchObject({ exit: 2, out: "" })
      expect(ran.err).toMatch(/\(not_found\)\n.*name its data folder with --workspace/)
      expect(await readdir(workspace)).not.toContain("postgres")
    },
  )
})

describe("an unknown list format", () => {
  it("is refused, and the refusal and the help name every format there is", async () => {
    const refused = await inWorkspace("lists", "import", "list.txt", "--name", "ours", "--format", "sheet")
    const help = await inWorkspace("lists", "import", "--help")
    expect(refused).toMatchObject({ exit: 2, out: "" })
    for (const name of listFormatNames) {
      expect(refused.err).toContain(name)
      expect(help.out).toContain(`"${name}"`)
    }
  })
})

describe("an option that does not apply", () => {
  it.each([
    ["--recipient", ["signing", "--recipient", "age1abc"]],
    ["--recipient", ["log", "--recipient", "age1abc"]],
    ["--server", ["custodian", "--server", "https://nightlight.example"]],
    ["--key-file", ["context", "--key-file", "server.key"]],
  ])("is refused (%s), and no key is rotated", async (option, argv) => {
    const ran = await inWorkspace("keys", "rotate", ...argv)
    expect(ran).toMatchObject({
      exit: 2,
      err: expect.stringContaining(`${option} does not apply to the key ${argv[0]}`),
    })
    const status = await inWorkspace("keys", "status")
    expect(status.out).not.toMatch(/custodian-2/)
  })

  it.each(["--checkpoints", "--key"])("is not ignored by audit verify of a workspace: %s", async (option) => {
    const ran = await inWorkspace("audit", "verify", option, "somewhere")
    expect(ran).toMatchObject({ exit: 2, out: "", err: expect.stringContaining(option) })
  })
})

describe("a named file that does not exist", () => {
  it("is not replaced by defaults for guard --config", async () => {
    const argv = ["guard", "--config", "other.yaml", "--upstream", "http://127.0.0.1:1/v1"]
    const ran = await runCommand(argv, { cwd: workspace })
    expect(ran).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/the configuration .*other\.yaml does not exist \(not_found\)/),
    })
  })

  it("is not replaced by a prompt for --passphrase-file", async () => {
    const argv = ["evidence", "verify", "--passphrase-file", "nope"]
    const ran = await runCommand(argv, { cwd: workspace, answers: ["a passphrase of a test"] })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("the passphrase file") })
  })
})

describe("a named file or folder that does not exist, or is something else,", () => {
  it.each([
    ["push --key-file", ["push", "s-1", "--server", "https://nightlight.example", "--key-file", "nope.key"]],
    ["backup drill --trust", ["backup", "drill", "monday", "--data", ".", "--trust", "nope.pub"]],
  ])("is wrong use, not a failed check: %s", async (_, argv) => {
    const installation = join(home, "installation")
    await mkdir(join(installation, "server"), { recursive: true })
    await writeFile(join(installation, "server", "server.yaml"), "version: 1\n")
    const ran = await runCommand(argv, { env, cwd: argv[0] === "push" ? workspace : installation })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringMatching(/the file .*nope\.\w+, which --/) })
  })

  it("is reported by up for --data", async () => {
    const file = join(home, "a-file")
    await writeFile(file, "")
    const ran = await runCommand(["up", "--data", file], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining(`${file} is a file, but --data needs a folder`) })
  })

  it("is not created by audit witness-client", async () => {
    const key = join(workspace, "keys", "signing.pem.pub")
    const argv = ["audit", "witness-client", "ours", "--key", key, "--data", join(home, "mistyped")]
    const ran = await runCommand(argv, { cwd: home })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("there is no witness in") })
    expect(await readdir(home)).not.toContain("mistyped")
  })
})

describe("an invalid configuration", () => {
  it("is refused by up before anything starts, and a duplicate key is reported as one", async () => {
    const dataDir = join(home, "twice")
    await mkdir(join(dataDir, "server"), { recursive: true })
    await writeFile(join(dataDir, "server", "server.yaml"), "version: 1\ndemo: false\ndemo: true\n")
    const ran = await runCommand(["up", "--data", dataDir, "--json"], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("line 3: duplicate key") })
    expect(ran.out).not.toContain("part.")
    expect(await readdir(dataDir)).not.toContain("postgres")
  })
})

describe("an invalid id", () => {
  it("is refused by custodian enrol before a passphrase is asked for", async () => {
    const ran = await runCommand(["custodian", "enrol", "person-xx", "--role", "reviewer"], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("person-xx is not a person's id") })
  })
})

describe("a folder where a file is expected", () => {
  it("is reported by audit verify for checkpoints", async () => {
    const ran = await inWorkspace("audit", "verify", "--checkpoint", home)
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("is a folder, not a file of checkpoints") })
  })

  it("is reported by policy check for a policy", async () => {
    const ran = await inWorkspace("policy", "check", home)
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining("is a folder, not a file") })
  })
})

describe("the text of --help", () => {
  const help = async (...argv: string[]) => (await runCommand([...argv, "--help"])).out.replaceAll(/\s+/g, " ")

  it("names every role that a person can be enrolled in", async () => {
    const said = await help("custodian", "enrol")
    for (const role of CUSTODIAN_ROLES) expect(said).toMatch(new RegExp(`\\b${role}\\b`))
  })

  it("names the default address of a witness", async () => {
    expect(await help("audit", "witness")).toContain("(default: 127.0.0.1:8090)")
  })

  it("names the data folder and --json of a drill", async () => {
    expect(await help("backup", "drill")).toMatch(/--data <folder>.*--json/)
  })
})

describe("nightlight hash", () => {
  it("says that a file is not there, as it was typed, and prints nothing of the others", async () => {
    await writeFile(join(home, "there.txt"), "words")
    const ran = await runCommand(["hash", "there.txt", "nope.jpg"], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("there is no nope.jpg (not_found)")
  })

  it("says that a folder is one, and what to do", async () => {
    const ran = await runCommand(["hash", "empty"], { cwd: home })
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("empty is a folder, and hash reads files (input_invalid)")
  })
})
