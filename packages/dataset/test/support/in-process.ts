import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { run } from "../../../cli/src/main.ts"

/** Runs the command in this process: quicker than one of its own, with no terminal and nobody to ask. */
export async function nightlight(root: string, ...args: readonly string[]) {
  let out = ""
  let err = ""
  const exit = await run(["--workspace", root, ...args], {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    env: {},
    cwd: process.cwd(),
    isTty: false,
    isOutputTty: false,
    columns: 80,
    askSecret: async () => undefined,
    ask: async () => undefined,
    signal: noSignal,
  })
  return { exit, out, err }
}
