import { execFileSync } from "node:child_process"
import { join } from "node:path"

/** Finds an installed Node that is too old for Nightlight but can parse its start script. Skips the pinned one. */
export function findOldNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/bin", "/usr/bin"]
  return folders
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, "node"))
    .find((node) => {
      try {
        const [major = 0, minor = 0] = execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" })
          .split(".")
          .map(Number)
        return major >= 18 && (major < 22 || (major === 22 && minor < 19))
      } catch {
        return false
      }
    })
}
