/**
 * `nightlight audit witness`: stores the checkpoints of other installations, and signs a receipt for each.
 * @module
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import { type Command, Option } from "commander"
import { parseListen } from "../terminal/parse-option.ts"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { untilAborted } from "../up/until-aborted.ts"
import { type CommandContext, print } from "./context.ts"

const DEFAULT_FOLDER = "nightlight-witness"
const DEFAULT_LISTEN = "127.0.0.1:8090"

interface WitnessFlags {
  readonly listen: { readonly host: string; readonly port: number }
  readonly data: string
  readonly json?: boolean
}

interface ClientFlags {
  readonly data: string
  readonly key: string
  readonly anotherKey?: boolean
  readonly json?: boolean
}

/** Adds `nightlight audit witness` and `nightlight audit witness-client`. */
export function addWitness(audit: Command, context: CommandContext): void {
  audit
    .command("witness")
    .description("run a witness: keep other installations' checkpoints and sign a receipt for each")
    .addOption(
      new Option("--listen <host:port>", "the address to listen on")
        .argParser(parseListen)
        .default(parseListen(DEFAULT_LISTEN), DEFAULT_LISTEN),
    )
    .option("--data <folder>", "the witness's folder; created if missing", DEFAULT_FOLDER)
    .option("--json", "print each event as one JSON object per line")
    .action((flags: WitnessFlags) => runWitness(flags, context))
  audit
    .command("witness-client")
    .description("let an installation send its checkpoints to this witness; prints its key once")
    .argument("<name>", "the client's name: lower-case letters, digits and hyphens")
    .requiredOption("--key <file>", "the client's custodian/keys/checkpoint.pem.pub")
    .option("--another-key", "make a new key for an existing client; its old key ends")
    .option("--data <folder>", "the witness's folder", DEFAULT_FOLDER)
    .option("--json", "print the result as one JSON object")
    .action((name: string, flags: ClientFlags) => addClient(name, flags, context))
}

async function runWitness({ listen, data, json = false }: WitnessFlags, { io, done }: CommandContext): Promise<void> {
  assertNoPassphraseVariable(io, "A witness needs no passphrase: unset it, as `env -u NIGHTLIGHT_PASSPHRASE` does.")
  const { serveWitness } = await import("@nightlight/server/witness")
  const printEvent = (event: object, words: string) => (json ? io.out(`${JSON.stringify(event)}\n`) : io.err(words))
  const witness = await serveWitness({
    dir: resolve(io.cwd, data),
    ...listen,
    onRefused: ({ client, fault }) =>
      printEvent({ event: "refused", client, fault }, `A checkpoint from ${inert(client)} was refused: ${fault}.\n`),
  })
  try {
    const { url, publicKey } = witness
    printEvent({ event: "listening", url, publicKey }, `The witness listens at ${url}. Its public key:\n${publicKey}`)
    await untilAborted(io.signal)
  } finally {
    await witness.close()
  }
  done(EXIT.done)
}

async function addClient(name: string, flags: ClientFlags, { io, done }: CommandContext): Promise<void> {
  const dir = resolve(io.cwd, flags.data)
  if (!existsSync(join(dir, "witness.pem"))) {
    throw new RequestError("not_found", `there is no witness in ${inert(dir)}`, {
      hint: "Start it first: nightlight audit witness makes its folder.",
    })
  }
  const { addWitnessClient } = await import("@nightlight/server/witness")
  const publicKey = await readFile(resolve(io.cwd, flags.key), "utf8").catch(() => {
    throw new RequestError("not_found", "the client's public key cannot be read")
  })
  const { key } = await addWitnessClient(dir, {
    name,
    publicKey,
    ...compact({ anotherKey: flags.anotherKey }),
  })
  print(io, flags.json, compact({ client: name, key }), () =>
    key === undefined
      ? `The handovers of the key of ${inert(name)} are accepted.\n`
      : `${key}\nGive it to ${inert(name)}: it belongs in a file (0600) that keyFile names. It is not shown again.\n`,
  )
  done(EXIT.done)
}
