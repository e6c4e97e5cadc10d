/**
 * `nightlight source`: this workspace as a source of findings for a server.
 * @module
 */
import { EXIT } from "@nightlight/core"
import type { Command } from "commander"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

/** Adds `nightlight source`. */
export function addSource(program: Command, context: CommandContext): void {
  const source = program.command("source").description("this workspace as a source of findings for a server")
  source
    .command("show")
    .description("print the public key that a server's administrator enrols as a source")
    .option("--json", "print it as one JSON object")
    .action(async (flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { openSourceSigner, readPublicKey } = await import("@nightlight/dataset")
      const publicKey = await readPublicKey(workspace)
      const { keyId } = await openSourceSigner(workspace.layout)
      print(context.io, flags.json, { keyId, publicKey }, () => publicKey)
      context.done(EXIT.done)
    })
}
