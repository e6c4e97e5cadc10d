/**
 * Help with facts that only an engine knows, such as its formats.
 * @module
 */
import type { Command } from "commander"

const completions = new WeakMap<Command, () => Promise<void>>()

/** Completes a command's options and help just before it is parsed, so that no other command loads the engine. */
export function completeLater(command: Command, complete: () => Promise<void>): void {
  completions.set(command, complete)
  command.parent?.hook("preSubcommand", (_, called) => (called === command ? complete() : undefined))
}

/** Completes every command of a program at once, to document all of them. */
export async function completeAll(program: Command): Promise<void> {
  for (const command of program.commands) {
    await completions.get(command)?.()
    await completeAll(command)
  }
}
