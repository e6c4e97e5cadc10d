/**
 * Loaded before each file of the project `unit`: starting a process throws, so that a test which does it is named.
 * @module
 */
import child from "node:child_process"
import { syncBuiltinESMExports } from "node:module"

const refuse = () => {
  throw new Error("a unit test starts no process: tests/support/projects.ts says which files are of the project system")
}

for (const name of ["spawn", "fork", "exec", "execFile", "spawnSync", "execSync", "execFileSync"] as const) {
  Reflect.set(child, name, refuse)
}
syncBuiltinESMExports()
