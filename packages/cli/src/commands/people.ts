/**
 * `nightlight people`: codes for people who join, made by the person who runs the machine.
 * @module
 */
import { resolve } from "node:path"
import { EXIT, inert } from "@nightlight/core"
import type { Command } from "commander"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly data: string
  readonly json?: boolean
}

interface Code {
  readonly person: string
  readonly email: string
  readonly code: string
  readonly expiresAt: string
}

/** Adds `nightlight people`. */
export function addPeople(program: Command, context: CommandContext): void {
  program
    .command("people")
    .description("codes for people who join an installation")
    .command("code")
    .description("make the one-time code that opens an invited or reset person's link")
    .argument("<person...>", "e-mail addresses, or ids as person-...")
    .option("--data <folder>", "the data folder", "nightlight-data")
    .option("--json", "print the result as one JSON object")
    .action(async (people: readonly string[], flags: Flags) => makeCodes(people, flags, context))
}

async function makeCodes(people: readonly string[], { data, json }: Flags, { io, done }: CommandContext) {
  const { runAction } = await import("../up/one-shot.ts")
  const result = await runAction(resolve(io.cwd, data), io.env, { name: "joining-codes", people })
  const codes = result["codes"] as readonly Code[]
  print(io, json, result, () => {
    const rows = codes.map(({ person, email, code, expiresAt }) => [inert(email), inert(person), code, expiresAt])
    const table = formatTable(
      [{ heading: "E-mail" }, { heading: "Person" }, { heading: "Code" }, { heading: "Valid until" }],
      rows,
    )
    return `${table}\nTell each person their code yourself, by another way than the link. It works once.\n`
  })
  done(EXIT.done)
}
