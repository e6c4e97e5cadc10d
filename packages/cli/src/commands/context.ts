/**
 * Context that every command is built on.
 * @module
 */
import { resolve } from "node:path"
import type { ExitCode } from "@nightlight/core"
import type { Workspace } from "@nightlight/dataset/workspace"
import type { Command } from "commander"
import type { Io } from "../terminal/io.ts"

/** Input and output of a command, and the receiver of its exit code. */
export interface CommandContext {
  readonly io: Io
  readonly done: (code: ExitCode) => void
}

/** Folder of the workspace: `--workspace`, else `NIGHTLIGHT_WORKSPACE`, else the current one. */
export function workspaceFolder(command: Command, { io }: CommandContext): string {
  const { workspace } = command.optsWithGlobals<{ workspace?: string }>()
  return resolve(io.cwd, workspace ?? io.env["NIGHTLIGHT_WORKSPACE"] ?? ".")
}

/**
 * Opens the workspace a command was called for.
 *
 * @throws {RequestError} `workspace_missing`.
 */
export async function openCommandWorkspace(command: Command, context: CommandContext): Promise<Workspace> {
  const { openWorkspace } = await import("@nightlight/dataset/workspace")
  return openWorkspace(workspaceFolder(command, context))
}

/** Prints a result: as one JSON object under `--json`, else as text. */
export function print(io: Io, isJson: boolean | undefined, value: object, text: () => string): void {
  io.out(isJson === true ? `${toJson(value)}\n` : text())
}

/** JSON in which characters that a terminal obeys are escaped; its readers see the same value. */
function toJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}
