/**
 * `nightlight keys rewrap`: seals existing evidence for today's keys.
 * @module
 */
import { join } from "node:path"
import { EXIT, RequestError } from "@nightlight/core"
import type { Workspace } from "@nightlight/dataset"
import type { HeaderMaker } from "@nightlight/vault"
import { Argument, type Command } from "commander"
import { withCounter } from "../../terminal/counter-line.ts"
import { countOf } from "../../terminal/numbers.ts"
import { readPassphrase } from "../../terminal/passphrase.ts"
import { addPassphraseOptions, type PassphraseFlags, passphraseSourceOf } from "../../terminal/passphrase-options.ts"
import { type CommandContext, openCommandWorkspace, print, workspaceFolder } from "../context.ts"

interface RewrapFlags extends PassphraseFlags {
  readonly identity?: readonly string[]
  readonly acceptRecipients?: string
  readonly json?: boolean
}

/** Adds `nightlight keys rewrap`. */
export function addRewrap(keys: Command, context: CommandContext): void {
  const rewrap = keys
    .command("rewrap")
    .description("seal existing evidence or rows under today's keys; a stopped run continues when you repeat it")
    .addArgument(
      new Argument("[what]", "sealed evidence, or rows under the context key")
        .choices(["evidence", "context"])
        .default("evidence"),
    )
    .option(
      "--identity <file>",
      "a private half kept elsewhere, encrypted under the same passphrase; may be repeated",
      (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value],
    )
    .option(
      "--accept-recipients <digest>",
      "accept a set of recipients for the first time; the refusal shows its digest",
    )
    .option("--json", "print the result as one JSON object")
  addPassphraseOptions(rewrap, "the keys'").action(
    async (what: "evidence" | "context", flags: RewrapFlags, command: Command) => {
      const { io } = context
      if (what === "context") return rewrapContext(workspaceFolder(command, context), flags, context)
      const workspace = await openCommandWorkspace(command, context)
      const makeHeader = await headerMaker(workspace, flags, { context, dataDir: workspaceFolder(command, context) })
      const { rewrapEvidence } = await import("@nightlight/dataset")
      const report = await withCounter(io, flags.json === true, "rewrapped", (onProgress) =>
        rewrapEvidence(workspace, makeHeader, { signal: io.signal, onProgress }),
      )
      print(io, flags.json, report, () =>
        [
          `${countOf(report.rewrapped, "piece")} of evidence rewrapped, ${report.current} already under today's keys.\n`,
          ...report.failed.map(({ evidenceId, code }) => `${evidenceId.slice(0, 16)}: ${code}\n`),
          report.failed.length === 0 ? "Keep the old keys as long as a backup of the evidence is kept.\n" : "",
        ].join(""),
      )
      context.done(report.failed.length === 0 ? EXIT.done : EXIT.checkFailed)
    },
  )
}

/** Rewraps rows in the database that are under an older context key with the newest, while the service runs or not. */
async function rewrapContext(dataDir: string, flags: RewrapFlags, { io, done }: CommandContext): Promise<void> {
  const { assertInstallation } = await import("../../up/assert-installation.ts")
  await assertInstallation(
    dataDir,
    "The context key belongs to an installation: name its data folder with --workspace.",
  )
  const { runAction } = await import("../../up/one-shot.ts")
  const action = { name: "rewrap-context-key" }
  const result = (await withCounter(io, flags.json === true, "passes over tables", (update) =>
    runAction(dataDir, io.env, action, update),
  )) as unknown as {
    readonly rewrapped: Readonly<Record<string, number>>
    readonly unopened: number
    readonly dropped: readonly string[]
  }
  print(io, flags.json, result, () => {
    const total = Object.values(result.rewrapped).reduce((sum, count) => sum + count, 0)
    if (result.dropped.length === 0) return "There is one context key, and all rows are under it.\n"
    const left = result.unopened === 0 ? "" : ` No key opens ${countOf(result.unopened, "row")}; they stay as they are.`
    return `${countOf(total, "row")} rewrapped; ${result.dropped.join(", ")} no longer used, but kept in context.key.archive for older backups.${left}\n`
  })
  done(EXIT.done)
}

/** Who opens the old headers: in an installation its custodian, so that its own journal knows each new digest. */
async function headerMaker(
  workspace: Workspace,
  flags: RewrapFlags,
  { context: { io }, dataDir }: { readonly context: CommandContext; readonly dataDir: string },
): Promise<(fresh: Workspace) => HeaderMaker | Promise<HeaderMaker>> {
  const { activeRecipients } = await import("@nightlight/vault")
  const recipientsOf = ({ manifest }: Workspace) => activeRecipients(manifest).map(({ recipient }) => recipient)
  for (const { id, role, recipient } of activeRecipients(workspace.manifest))
    io.err(`Rewrap for ${id} (${role}): ${recipient}\n`)
  const { custodianDir, hasCustodian } = await import("../../up/custodian.ts")
  if (!(await hasCustodian(dataDir))) {
    const { acceptedHeaders, unlockIdentities } = await import("@nightlight/dataset")
    const identities = await unlockIdentities(
      workspace,
      await readPassphrase(io, passphraseSourceOf(flags)),
      flags.identity ?? [],
    )
    return acceptedHeaders(identities, flags.acceptRecipients)
  }
  if (flags.identity !== undefined) {
    throw new RequestError("input_invalid", "in an installation, only the custodian opens evidence to rewrap it", {
      hint: "Leave out --identity: the custodian's journal must record each new digest.",
    })
  }
  const { createCustodianClient, readConfig } = await import("@nightlight/custodian")
  const client = createCustodianClient((await readConfig(join(custodianDir(dataDir), "custodian.yaml"))).socket)
  await client.allowRewraps(
    await readPassphrase(io, passphraseSourceOf(flags)),
    recipientsOf(workspace),
    flags.acceptRecipients,
  )
  return () => async (evidenceId) => {
    const { header, after } = await client.rewrapHeader(evidenceId)
    return { header: new Uint8Array(Buffer.from(header, "base64")), ciphertextSha256: after }
  }
}
