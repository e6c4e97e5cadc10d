/**
 * `nightlight keys rotate`: a new key in the place of an old one.
 * @module
 */
import { EXIT, inert } from "@nightlight/core"
import type { RotationResult } from "@nightlight/dataset"
import { Argument, type Command } from "commander"
import { readPassphrase } from "../../terminal/passphrase.ts"
import { type CommandContext, openCommandWorkspace, print, workspaceFolder } from "../context.ts"

interface RotateFlags {
  readonly recipient?: string
  readonly json?: boolean
}

/** Adds `nightlight keys rotate`. */
export function addRotate(keys: Command, context: CommandContext): void {
  keys
    .command("rotate")
    .description("let a new key take the place of an old one; a killed call goes on when it is repeated")
    .addArgument(new Argument("<role>", "which key evidence is sealed to").choices(["custodian", "recovery"]))
    .option("--recipient <key>", "age1... of a key made elsewhere; without it one is made here")
    .option("--json", "print the result as one JSON object")
    .action(async (role: "custodian" | "recovery", flags: RotateFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { rotateRecipient } = await import("@nightlight/dataset")
      const passphrase = flags.recipient === undefined ? await readPassphrase(io) : undefined
      const custodian = role === "custodian" ? await custodianOf(workspaceFolder(command, context)) : undefined
      const result = await rotateRecipient(workspace, {
        role,
        ...(flags.recipient !== undefined && { recipient: flags.recipient }),
        ...(passphrase !== undefined && { passphrase }),
        ...(custodian !== undefined && { beforeEntry: custodian.beforeEntry(passphrase) }),
      })
      print(io, flags.json, result, () => rotationWords(result, custodian !== undefined))
      context.done(EXIT.done)
    })
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
    resumed ? "An earlier call had done it already; the log says so now.\n" : "",
    identityFile === undefined ? "" : `Its private half, encrypted: ${inert(identityFile)}\n`,
    hasCustodian
      ? "Restart the custodian, and unlock it with --accept-config: its configuration names the new key now.\n"
      : "",
    "Restart guards and scans that run. Then nightlight keys rewrap brings what is sealed already under it.\n",
  ].join("")
}
