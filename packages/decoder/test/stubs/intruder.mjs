/**
 * Plays a decoder that a picture has taken over: makes its attempts and reports the result of each. Its last argument
 * names the targets, as JSON. It ends when its input ends.
 * @module
 */
import { execFileSync } from "node:child_process"
import { openSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"

const { secret, folder, parent, port, socket, abstract } = JSON.parse(process.argv.at(-1))

function outcome(attempt) {
  try {
    attempt()
    return "done"
  } catch (error) {
    return error.code ?? error.message
  }
}

function reach(options) {
  return new Promise((resolve) => {
    try {
      const connection = connect(options, () => {
        connection.destroy()
        resolve("done")
      })
      connection.on("error", (error) => resolve(error.code))
    } catch (error) {
      resolve(error.code)
    }
  })
}

const said = {
  shadow: outcome(() => readFileSync("/etc/shadow")),
  secret: outcome(() => readFileSync(secret)),
  processes: outcome(() => readdirSync("/proc")),
  signal: outcome(() => process.kill(parent, 0)),
  memory: outcome(() => openSync(`/proc/${parent}/mem`, "r")),
  tcp: await reach({ host: "127.0.0.1", port }),
  unix: await reach({ path: socket }),
  abstract: await reach({ path: `\0${abstract}` }),
  shell: outcome(() => execFileSync("/bin/sh", ["-c", "exit 0"])),
  node: outcome(() => execFileSync(process.execPath, ["-e", "0"])),
  root: outcome(() => writeFileSync("/intruder", "")),
  outside: outcome(() => writeFileSync(`${folder}/intruder`, "")),
  code: outcome(() => writeFileSync(new URL("intruder-was-here", import.meta.url), "")),
}
console.log(JSON.stringify(said))
process.stdin.resume()
process.stdin.on("end", () => process.exit(0))
