/**
 * `nightlight break-glass`: the host's way back in, when no two administrators are left.
 * @module
 */
import { resolve } from "node:path"
import { EXIT, inert, RequestError } from "@nightlight/core"
import type { Command } from "commander"
import { readPassphrase } from "../terminal/passphrase.ts"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly data: string
  readonly json?: boolean
}

interface RequestFlags extends Flags {
  readonly reset?: string
  readonly administrator?: string
  readonly email?: string
}

/** Adds `nightlight break-glass`. */
export function addBreakGlass(program: Command, context: CommandContext): void {
  const group = program
    .command("break-glass")
    .description("regain access to an installation with fewer than two administrators; takes a day and raises an alarm")
  const add = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .option("--data <folder>", "the data folder", "nightlight-data")
      .option("--json", "print the result as one JSON object")
  add("request", "request access: raises an alarm immediately; any administrator can cancel it within a day")
    .option("--reset <person>", "the administrator whose credentials are reset, person-...")
    .option("--administrator <name>", "the name of a new administrator, instead of --reset")
    .option("--email <address>", "the new administrator's e-mail address")
    .action(async (flags: RequestFlags) => requestAccess(flags, context))
  add("open", "use a request, at the earliest a day after it was made; prints a link for that person")
    .argument("<request>", "what `request` printed, glass-...")
    .action(async (request: string, flags: Flags) => open(request, flags, context))
  add("list", "list the requests").action(async (flags: Flags) => list(flags, context))
}

async function requestAccess(flags: RequestFlags, context: CommandContext): Promise<void> {
  const { reset, administrator, email } = flags
  if ((reset === undefined) === (administrator === undefined)) {
    throw new RequestError("input_invalid", "give either --reset or --administrator")
  }
  if ((administrator === undefined) !== (email === undefined)) {
    throw new RequestError(
      "input_invalid",
      "a new administrator needs a name and an address: --administrator and --email",
    )
  }
  const passphrase = await readPassphrase(context.io)
  const result =
    reset === undefined
      ? await action(flags, context, {
          name: "break-glass-administrator",
          passphrase,
          called: administrator ?? "",
          email: email ?? "",
        })
      : await action(flags, context, { name: "break-glass-reset", passphrase, person: reset })
  print(context.io, flags.json, result, () => {
    const request = inert(String(result["request"]))
    return `Request: ${request}. An alarm was raised, and any administrator can cancel the request.\nFrom ${String(result["opensAt"])}: nightlight break-glass open ${request}\n`
  })
  context.done(EXIT.done)
}

async function open(request: string, flags: Flags, context: CommandContext): Promise<void> {
  const passphrase = await readPassphrase(context.io)
  const result = await action(flags, context, { name: "break-glass-open", passphrase, request })
  print(
    context.io,
    flags.json,
    result,
    () =>
      `This link works once, until ${String(result["expiresAt"])}:\n\n  ${inert(String(result["url"]))}\n\nSend this code, which opens it, by another way than the link:\n\n  ${inert(String(result["code"]))}\n`,
  )
  context.done(EXIT.done)
}

async function list(flags: Flags, context: CommandContext): Promise<void> {
  const result = await action(flags, context, { name: "break-glass-list" })
  print(context.io, flags.json, result, () => {
    const rows = (result["requests"] as readonly Readonly<Record<string, string>>[]).map((entry) => [
      entry["request"] ?? "",
      entry["kind"] ?? "",
      entry["state"] ?? "",
      entry["opensAt"] ?? "",
    ])
    return formatTable([{ heading: "Request" }, { heading: "For" }, { heading: "State" }, { heading: "Opens" }], rows)
  })
  context.done(EXIT.done)
}

async function action(
  { data }: Flags,
  { io }: CommandContext,
  hostAction: { readonly name: string; readonly [detail: string]: string },
) {
  const { runAction } = await import("../up/one-shot.ts")
  return runAction(resolve(io.cwd, data), io.env, hostAction)
}
