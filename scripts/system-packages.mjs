/**
 * Debian packages that tests and scans use where they are there: the one list of them.
 * @module
 */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { run, say } from "./steps.mjs"

/** Each with a command, library or file that shows whether it is there, and what is lost without it. */
const SYSTEM_PACKAGES = [
  { name: "bubblewrap", command: "bwrap", without: "decoders run without a system-call filter" },
  { name: "util-linux", command: "setpriv", without: "decoders are isolated by bubblewrap or not at all" },
  {
    name: "libturbojpeg0",
    library: "libturbojpeg.so.0",
    without: "decoders leave progressive and large JPEGs to sharp, which takes three times as long for the same pixels",
  },
  { name: "zip", command: "zip", without: "tests that read what zip writes are skipped" },
  { name: "unzip", command: "unzip", without: "tests that let unzip read what we write fail" },
  { name: "chromium", command: "chromium", without: "tests of the console in a browser are skipped" },
  { name: "openssl", command: "openssl", without: "tests that compare keys and signatures with openssl's fail" },
]

/** Those of the longest suites alone. Their services are not started: tests start their own. */
const LONG_PACKAGES = [
  { name: "slurmctld", command: "slurmctld", without: "a planned scan is not tested under Slurm" },
  { name: "slurmd", command: "slurmd", without: "a planned scan is not tested under Slurm" },
  { name: "slurm-client", command: "sbatch", without: "a planned scan is not tested under Slurm" },
  { name: "munge", command: "munged", without: "a planned scan is not tested under Slurm" },
  {
    name: "python3-swift",
    file: "/usr/lib/python3/dist-packages/swift/__init__.py",
    without: "datasets in a bucket are not tested against OpenStack Swift",
  },
]

/** Debian asks this program before it starts a service; 101 forbids it. */
const START_POLICY = "/usr/sbin/policy-rc.d"

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

function isInstalled({ command, library, file }) {
  if (file !== undefined) return existsSync(file)
  return library === undefined ? isThere(command) : hasLibrary(library)
}

/**
 * Installs what is absent where root may, and otherwise says what is missing. Never a reason to stop.
 *
 * @param isLong - Whether the longest suites run too.
 */
export async function installSystemPackages({ isLong = false } = {}) {
  const wanted = isLong ? [...SYSTEM_PACKAGES, ...LONG_PACKAGES] : SYSTEM_PACKAGES
  const absent = () => wanted.filter((each) => !isInstalled(each))
  if (absent().length > 0 && process.getuid?.() === 0 && isThere("apt-get")) {
    const names = absent().map(({ name }) => name)
    say(`system packages: apt-get install ${names.join(" ")}`)
    await withoutStarting(() => aptInstall(names))
  }
  const missing = absent()
  for (const { name, without } of missing) say(`system packages: ${name} is missing: ${without}`)
  if (missing.length === 0) say("system packages: all there")
}

async function aptInstall(names) {
  const quiet = { env: { DEBIAN_FRONTEND: "noninteractive" } }
  await run("apt-get", ["update", "-q"], quiet)
  await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], quiet)
}

/** Keeps the services of new packages from starting; a policy that is there already stays. */
async function withoutStarting(install) {
  const isOurs = !existsSync(START_POLICY)
  if (isOurs) writeFileSync(START_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    await install()
  } finally {
    if (isOurs) rmSync(START_POLICY, { force: true })
  }
}
