import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { expect, it } from "vitest"

const SCRIPT = fileURLToPath(new URL("support/command.ts", import.meta.url))

it("a command whose output nobody reads any more ends quietly, with its own exit code", async () => {
  using folder = temporaryFolder()
  const files = Array.from({ length: 20 }, (_, index) => join(folder.path, `${index}.txt`))
  for (const file of files) await writeFile(file, "words")
  const child = spawn(process.execPath, ["-C", "@nightlight/source", SCRIPT, "hash", ...files], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  child.stdout.destroy()
  let err = ""
  child.stderr.on("data", (text) => {
    err += String(text)
  })
  const [exit, signal] = await once(child, "close")
  expect({ exit, signal, err }).toEqual({ exit: 0, signal: null, err: "" })
})
