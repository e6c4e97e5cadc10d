/**
 * `nightlight custodian`: the custodian, for the person who runs the machine.
 * @module
 */
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { CustodianDoubt, CustodianRole, CustodianState } from "@nightlight/contract/custodian"
import { EXIT, inert, isolationHint, RequestError } from "@nightlight/core"
import { Argument, type Command, Option } from "commander"
import { chooseNewPassphrase, readPassphrase } from "../terminal/passphrase.ts"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly data: string
  readonly json?: boolean
}

/** Adds `nightlight custodian`. */
export function addCustodian(program: Command, context: CommandContext): void {
  const custodian = program
    .command("custodian")
    .description("manage the custodian: its key, the people it knows, its credentials")
  const add = (name: string, description: string) =>
    custodian
      .command(name)
      .description(description)
      .option("--data <folder>", "the data folder", "nightlight-data")
      .option("--json", "print the result as one JSON object")
  addInit(add("init", "make the custodian's key, and a workspace if there is none"), context)
  addUnlock(add("unlock", "unlock the running custodian with its passphrase"), context)
  addStatus(add("status", "show whether the custodian is unlocked, and which people it knows"), context)
  addEnrol(add("enrol", "let a person sign: prints a one-time code for that person"), context)
  addRevoke(add("revoke", "revoke a person's key"), context)
  addCredentials(add("credentials", "store NCMEC's user name and password, sealed to the custodian's key"), context)
}

function addInit(command: Command, context: CommandContext): void {
  command
    .option(
      "--identity <file>",
      "the private half of a custodian's key that was made elsewhere, under the same passphrase",
    )
    .action(async (flags: Flags & { readonly identity?: string }) => {
      const { io } = context
      const { initCustodianFolder } = await import("../up/data-folder.ts")
      const dataDir = resolve(io.cwd, flags.data)
      const passphrase = await chooseNewPassphrase(io, true)
      const identity = flags.identity === undefined ? undefined : resolve(io.cwd, flags.identity)
      const created = await initCustodianFolder(dataDir, passphrase, identity)
      print(io, flags.json, { created, data: dataDir }, () => `Made in ${inert(dataDir)}: ${created.join(", ")}.\n`)
      context.done(EXIT.done)
    })
}

function addUnlock(command: Command, context: CommandContext): void {
  command
    .option("--accept-config", "accept a custodian.yaml that was changed since the last unlock")
    .action(async (flags: Flags & { readonly acceptConfig?: boolean }) => {
      const client = await connect(flags, context)
      const state = await client.unlock(await readPassphrase(context.io), flags.acceptConfig)
      print(context.io, flags.json, state, () => `The custodian is ${state.state}.\n`)
      context.done(state.state === "ready" ? EXIT.done : EXIT.checkFailed)
    })
}

/** Why a custodian refused to be unlocked. */
const DOUBTS: Readonly<Record<CustodianDoubt, string>> = {
  journal: "its journal has lines that it did not write",
  enrolments: "its enrolments were changed",
  config: "custodian.yaml was changed: read it, then `nightlight custodian unlock --accept-config`",
}

/** Consequences of missing isolation, after its name. */
const FOLLOWS: Readonly<Record<NonNullable<CustodianState["decoding"]>, string>> = {
  isolated: "",
  accepted: ", accepted by name in custodian.yaml",
  refused: `: it is not unlocked. ${isolationHint("custodian.yaml")}`,
}

function addStatus(command: Command, context: CommandContext): void {
  command.action(async (flags: Flags) => {
    const client = await connect(flags, context)
    const { recipient } = await readCustodianConfig(flags, context)
    const state = await client.state()
    const { people, invited } = await client.enrolments()
    print(context.io, flags.json, { ...state, recipient, people, invited }, () => {
      const environments = state.environments.length === 0 ? "none" : state.environments.join(", ")
      const kinds = state.passkeys.require.join(", ")
      const kept = people.filter(({ passkey, revokedAt }) => passkey === undefined && revokedAt === undefined)
      const keptKeys = kept.length === 0 ? "nobody" : kept.map(({ person }) => person).join(", ")
      const rows = people.map(({ person, roles, keyId, passkey, revokedAt }) => [
        person,
        roles.join(", "),
        keyId,
        passkey?.keyId ?? "none",
        revokedAt === undefined ? "yes" : `no, since ${revokedAt}`,
      ])
      const table = formatTable(
        [{ heading: "Person" }, { heading: "Roles" }, { heading: "Key" }, { heading: "Passkey" }, { heading: "Valid" }],
        rows,
      )
      const doubt = state.doubt === undefined ? "" : `Locked because ${DOUBTS[state.doubt]}.\n`
      const decoding = `Decoder isolation: ${state.isolation ?? "not known yet"}${FOLLOWS[state.decoding ?? "isolated"]}`
      return `State: ${state.state}\n${doubt}Custody: ${state.custody}\n${decoding}\nSeal to: ${inert(recipient)}\nCredentials: ${environments}\nWaiting for a code: ${invited.length}\nPasskeys: for ${inert(state.passkeys.rpId)}; ${kinds === "" ? "stored keys sign too" : `required to sign ${kinds}`}\nSign with a stored key, without a gesture: ${keptKeys}\n\n${table}`
    })
    context.done(EXIT.done)
  })
}

function addEnrol(command: Command, context: CommandContext): void {
  command
    .argument("<person>", "the person's id, person-...")
    .addOption(
      new Option(
        "--role <role>",
        "reviewer, senior-reviewer, reporter, counsel, custodian or approver; may be repeated",
      )
        .makeOptionMandatory()
        .argParser((value, previous: readonly string[] | undefined) => [...(previous ?? []), value]),
    )
    .action(async (person: string, flags: Flags & { readonly role: readonly CustodianRole[] }) => {
      const { CUSTODIAN_ROLES } = await import("@nightlight/contract/custodian")
      const { PersonIdText } = await import("@nightlight/contract/server")
      if (!PersonIdText.safeParse(person).success) {
        throw new RequestError("input_invalid", `${inert(person)} is not a person's id`, {
          hint: "The console shows the id: person- and a UUID.",
        })
      }
      const unknown = flags.role.filter((role) => !CUSTODIAN_ROLES.includes(role))
      if (unknown.length > 0) throw new RequestError("input_invalid", `expected one of ${CUSTODIAN_ROLES.join(", ")}`)
      const client = await connect(flags, context)
      const answer = await client.invite(await readPassphrase(context.io), person, flags.role)
      print(
        context.io,
        flags.json,
        answer,
        () =>
          `Code for ${inert(person)}, until ${answer.expiresAt}:\n\n  ${answer.code}\n\nGive it to them in person.\n`,
      )
      context.done(EXIT.done)
    })
}

function addRevoke(command: Command, context: CommandContext): void {
  command.argument("<person>", "the person's id, person-...").action(async (person: string, flags: Flags) => {
    const client = await connect(flags, context)
    const { people } = await client.revoke(await readPassphrase(context.io), person)
    print(context.io, flags.json, { person, known: people.length }, () => `The key of ${inert(person)} is revoked.\n`)
    context.done(EXIT.done)
  })
}

function addCredentials(command: Command, context: CommandContext): void {
  command
    .addArgument(new Argument("<environment>", "the NCMEC host").choices(["test", "production"]))
    .requiredOption("--username <name>", "the user name that NCMEC gave")
    .option("--password-file <file>", "a file whose first line is the password (default: ask)")
    .action(
      async (
        environment: "test" | "production",
        flags: Flags & { readonly username: string; readonly passwordFile?: string },
      ) => {
        const { io } = context
        const { setCredentials } = await import("@nightlight/custodian")
        const password = await readPassword(context, flags.passwordFile)
        await setCredentials(join(resolve(io.cwd, flags.data), "custodian"), environment, {
          username: flags.username,
          password,
        })
        print(io, flags.json, { environment, sealed: true }, () => `Sealed for ${environment}.\n`)
        context.done(EXIT.done)
      },
    )
}

async function readPassword({ io }: CommandContext, file: string | undefined): Promise<string> {
  const text =
    file === undefined
      ? await io.askSecret("Password: ")
      : await readFile(resolve(io.cwd, file), "utf8").catch(() => undefined)
  const line = text?.split(/\r?\n/, 1)[0]
  if (line === undefined || line === "") {
    throw new RequestError("input_invalid", "a password is needed", { hint: "Give it by --password-file." })
  }
  return line
}

async function connect(flags: Flags, context: CommandContext) {
  const { createCustodianClient } = await import("@nightlight/custodian")
  return createCustodianClient((await readCustodianConfig(flags, context)).socket)
}

async function readCustodianConfig({ data }: Flags, { io }: CommandContext) {
  const { readConfig } = await import("@nightlight/custodian")
  return readConfig(join(resolve(io.cwd, data), "custodian", "custodian.yaml"))
}
