import { existsSync } from "node:fs"

/** Folders of programs that make namespaces; the inherited search path is not used. */
const FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]

/** Path of a system program, if it exists. */
export function systemProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path))
}
