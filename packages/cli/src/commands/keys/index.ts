/**
 * `nightlight keys`: the keys of a workspace or an installation, and their rotation.
 * @module
 */
import type { Command } from "commander"
import type { CommandContext } from "../context.ts"
import { addDrill } from "./drill.ts"
import { addRewrap } from "./rewrap.ts"
import { addRotate } from "./rotate.ts"
import { addStatus } from "./status.ts"

/** Adds `nightlight keys`. */
export function addKeys(program: Command, context: CommandContext): void {
  const keys = program
    .command("keys")
    .description("the keys of a workspace and an installation: status, drills and rotation")
  for (const add of [addStatus, addDrill, addRotate, addRewrap]) add(keys, context)
}
