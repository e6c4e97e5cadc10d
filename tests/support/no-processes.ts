/**
 * Loaded before each file of the project `unit`: starting a process throws, so that a test which does it is named.
 * @module
 */
import child, { ChildProcess } from "node:child_process"
import { syncBuiltinESMExports } from "node:module"

const refuse = () => {
  throw new Error("a unit test starts no process: tests/support/projects.ts says which files are of the project system")
}

// spawn, fork, exec and execFile all end here, even if somebody holds a reference to them already.
Reflect.set(ChildProcess.prototype, "spawn", refuse)
for (const name of ["spawnSync", "execSync", "execFileSync"] as const) Reflect.set(child, name, refuse)
syncBuiltinESMExports()
