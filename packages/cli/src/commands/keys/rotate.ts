/**
 * `nightlight keys rotate`: a new key in the place of an old one.
 * @module
 */
import { join } from "node:path"
import { compact, EXIT, inert, RequestError, systemClock } from "@nightlight/core"
import type { RotationResult, SourceRotation, Workspace } from "@nightlight/dataset"
import { Argument, type Command } from "commander"
import { readPassphrase } from "../../terminal/passphrase.ts"
import { type CommandContext, openCommandWorkspace, print, workspaceFolder } from "../context.ts"
import { readServerKey } from "../push.ts"

interface RotateFlags {
  readonly recipient?: string
  readonly server?: string
  readonly keyFile?: string
  readonly json?: boolean
}

const KEYS = ["custodian", "recovery", "context", "log", "source", "signing"] as const

/** Adds `nightlight keys rotate`. */
export function addRotate(keys: Command, context: CommandContext): void {
  keys
    .command("rotate")
    .description("replace a key with a new one; a stopped run continues when you repeat it")
    .addArgument(
      new Argument(
        "<key>",
        "custodian and recovery: evidence is sealed to them; context: encrypts people's texts on cases; log: the custodian signs checkpoints of the log with it; source: a server knows this workspace's findings by it; signing: the workspace signs its own documents with it",
      ).choices(KEYS),
    )
    .option(
      "--recipient <key>",
      "for custodian or recovery: age1... of a key made elsewhere; without it one is made here",
    )
    .option("--server <url>", "for source: the server's address, such as https://nightlight.example")
    .option("--key-file <file>", "for source: a file (0600) with the server's key; else NIGHTLIGHT_SERVER_KEY")
    .option("--json", "print the result as one JSON object")
    .action(async (role: (typeof KEYS)[number], flags: RotateFlags, command: Command) => {
      const { io } = context
      assertFlagsFit(role, flags)
      if (role === "log") return rotateLogKey(workspaceFolder(command, context), flags, context)
      if (role === "context") return rotateContext(workspaceFolder(command, context), flags, context)
      const workspace = await openCommandWorkspace(command, context)
      if (role === "source") return rotateSource(workspace, flags, context)
      if (role === "signing") return rotateSigning(workspace, flags, context)
      const { rotateRecipient } = await import("@nightlight/dataset")
      const passphrase = flags.recipient === undefined ? await readPassphrase(io) : undefined
      const custodian = role === "custodian" ? await custodianOf(workspaceFolder(command, context)) : undefined
      await rotateRecipient(workspace, {
        role,
        onRotated: (result) => print(io, flags.json, result, () => rotationWords(result, custodian !== undefined)),
        ...compact({ recipient: flags.recipient, passphrase, beforeEntry: custodian?.beforeEntry(passphrase) }),
      })
      context.done(EXIT.done)
    })
}

/** Refuses an option that says nothing of this key: whoever gave it expects another thing to happen. */
function assertFlagsFit(role: (typeof KEYS)[number], { recipient, server, keyFile }: RotateFlags): void {
  const unfit = [
    recipient !== undefined && role !== "custodian" && role !== "recovery" ? "--recipient" : undefined,
    server !== undefined && role !== "source" ? "--server" : undefined,
    keyFile !== undefined && role !== "source" ? "--key-file" : undefined,
  ].find((option) => option !== undefined)
  if (unfit === undefined) return
  throw new RequestError("input_invalid", `${unfit} does not apply to the key ${role}: nothing was rotated`)
}

/** Hands the custodian's key for checkpoints of the log over to another, while nothing runs. */
async function rotateLogKey(dataDir: string, flags: RotateFlags, { io, done }: CommandContext): Promise<void> {
  const { custodianDir, hasCustodian } = await import("../../up/custodian.ts")
  if (!(await hasCustodian(dataDir))) {
    throw new RequestError("not_found", `there is no custodian in ${dataDir}`, {
      hint: "The log's key belongs to an installation: name its data folder with --workspace.",
    })
  }
  const { rotateCheckpointKey } = await import("@nightlight/custodian")
  const result = await rotateCheckpointKey(custodianDir(dataDir), systemClock)
  print(
    io,
    flags.json,
    result,
    () =>
      (result.resumed ? "An earlier call had done it already; no other key was made.\n" : "") +
      `Checkpoints are signed by ${result.keyId} from now on; ${result.replaces} counts for events up to ${result.throughSeq}.\n` +
      "Copy custodian/keys/checkpoint.pem.pub to where the first public key is kept: it contains the handover.\n",
  )
  done(EXIT.done)
}

/** Lets a server take another key for this workspace, and puts it in the old one's place. */
async function rotateSource(workspace: Workspace, flags: RotateFlags, { io, done }: CommandContext): Promise<void> {
  const { server, keyFile } = flags
  if (server === undefined) {
    throw new RequestError("input_invalid", "a source's key is rotated together with the server that knows it", {
      hint: "Name the server with --server. A workspace that pushes to no server has no source key.",
    })
  }
  const key = await readServerKey(io, keyFile)
  const { rotateSourceKey } = await import("@nightlight/dataset")
  const onRotated = ({ source, keyId, replaces, resumed }: SourceRotation): void =>
    print(
      io,
      flags.json,
      { source, keyId, replaces, resumed },
      () =>
        (resumed ? "An earlier call had begun it; no other key was made.\n" : "") +
        `Findings are signed by ${keyId} from now on; the server refuses signatures of ${replaces}, and raises an alarm.\n` +
        "Guards and pushes of this workspace use it immediately; copies of the workspace elsewhere need keys/source.pem.\n",
    )
  await rotateSourceKey(workspace, { server, key, onRotated }, io.signal)
  done(EXIT.done)
}

/** Hands the key of the workspace's own documents over to another one. */
async function rotateSigning(workspace: Workspace, flags: RotateFlags, { io, done }: CommandContext): Promise<void> {
  const { rotateSigningKey } = await import("@nightlight/dataset")
  await rotateSigningKey(workspace, (result) =>
    print(
      io,
      flags.json,
      result,
      () =>
        (result.resumed ? "An earlier call had begun it; no other key was made.\n" : "") +
        `The workspace's documents are signed by ${result.keyId} from now on. Of those signed by ${result.replaces}, only the ones that are here now are still accepted.\n` +
        "Restart servers and guards that use this workspace, so that they refuse the old key. Findings are still signed by the key that was enrolled at the server: nightlight keys rotate source replaces that one.\n",
    ),
  )
  done(EXIT.done)
}

/** Puts a new context key first, in the server's folder of a data folder. */
async function rotateContext(dataDir: string, flags: RotateFlags, { io, done }: CommandContext): Promise<void> {
  const { assertInstallation } = await import("../../up/assert-installation.ts")
  await assertInstallation(
    dataDir,
    "The context key belongs to an installation: name its data folder with --workspace.",
  )
  const { rotateContextKey, readServerConfig } = await import("@nightlight/server/config")
  const { paths } = await readServerConfig(join(dataDir, "server", "server.yaml"))
  const result = await rotateContextKey(paths.contextKey, systemClock)
  print(
    io,
    flags.json,
    result,
    () =>
      (result.resumed ? "An earlier call had made it already; no other key was made.\n" : "") +
      `The context key is ${result.keys[0] ?? ""} from now on; ${result.keys[1] ?? ""} stays until no row is under it.\n` +
      "Copy context.key to every other host of this installation and to its safe place, then run nightlight keys rewrap context.\n",
  )
  done(EXIT.done)
}

/** The custodian of the installation that a workspace is the data folder of; `undefined` where there is none. */
async function custodianOf(dataDir: string) {
  const { custodianDir, hasCustodian } = await import("../../up/custodian.ts")
  if (!(await hasCustodian(dataDir))) return undefined
  const { addCustodianIdentity, assertCustodianHas } = await import("@nightlight/custodian")
  const dir = custodianDir(dataDir)
  return {
    beforeEntry:
      (passphrase: string | undefined) =>
      async (entry: { readonly recipient: string; readonly identityFile?: string }): Promise<void> => {
        if (entry.identityFile === undefined || passphrase === undefined) await assertCustodianHas(dir, entry.recipient)
        else await addCustodianIdentity(dir, entry.identityFile, passphrase)
      },
  }
}

function rotationWords(result: RotationResult, hasCustodian: boolean): string {
  const { id, identityFile, replaces, recipientsVersion, resumed } = result
  return [
    `Evidence is sealed to ${id} from now on, no longer to ${replaces.join(", ") || "nobody else"} (manifest ${recipientsVersion}).\n`,
    resumed ? "An earlier call had done it already; no other key was made.\n" : "",
    identityFile === undefined ? "" : `Its private half, encrypted: ${inert(identityFile)}\n`,
    hasCustodian
      ? "Restart the custodian, and unlock it with --accept-config: its configuration now names the new key.\n"
      : "",
    "Restart running guards and scans. Then run nightlight keys rewrap for existing evidence; it asks you to accept the new set of keys.\n",
  ].join("")
}
