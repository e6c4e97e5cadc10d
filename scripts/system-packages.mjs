/**
 * Debian packages that tests and scans use where they are there: the one list of them.
 * @module
 */
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { run, say } from "./steps.mjs"

/** Each with a command or library that shows whether it is there, and what is lost without it. */
const SYSTEM_PACKAGES = [
  { name: "bubblewrap", command: "bwrap", without: "decoders run without a system-call filter" },
  { name: "util-linux", command: "setpriv", without: "decoders are isolated by bubblewrap or not at all" },
  {
    name: "libturbojpeg0",
    library: "libturbojpeg.so.0",
    without: "decoders leave plain JPEGs to sharp, which takes three times as long for the same pixels",
  },
  { name: "zip", command: "zip", without: "tests that read what zip writes are skipped" },
  { name: "unzip", command: "unzip", without: "tests that let unzip read what we write fail" },
  { name: "chromium", command: "chromium", without: "tests of the console in a browser are skipped" },
  { name: "openssl", command: "openssl", without: "tests that compare keys and signatures with openssl's fail" },
]

const LIBRARY_FOLDERS = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64"]

function hasLibrary(name) {
  const places = LIBRARY_FOLDERS.flatMap((folder) => [
    folder,
    join(folder, `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`),
  ])
  return places.some((folder) => existsSync(join(folder, name)))
}

function isThere(command) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]
  return folders.some((folder) => folder !== "" && existsSync(join(folder, command)))
}

const absent = () =>
  SYSTEM_PACKAGES.filter(({ command, library }) => !(library === undefined ? isThere(command) : hasLibrary(library)))

/** Installs what is absent where root may, and otherwise says what is missing. Never a reason to stop. */
export async function installSystemPackages() {
  if (absent().length > 0 && process.getuid?.() === 0 && isThere("apt-get")) {
    const quiet = { env: { DEBIAN_FRONTEND: "noninteractive" } }
    const names = absent().map(({ name }) => name)
    say(`system packages: apt-get install ${names.join(" ")}`)
    await run("apt-get", ["update", "-q"], quiet)
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], quiet)
  }
  const missing = absent()
  for (const { name, without } of missing) say(`system packages: ${name} is missing: ${without}`)
  if (missing.length === 0) say("system packages: all there")
}
