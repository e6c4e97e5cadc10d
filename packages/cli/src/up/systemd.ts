/**
 * Systemd units for an installation with separate users.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { InstallationUsers, OsUser } from "@nightlight/launcher"

/** Values for the units. All paths are absolute. */
export interface UnitOptions {
  readonly dataDir: string
  readonly users: InstallationUsers
  /** The Node that runs them. */
  readonly node: string
  readonly entries: Readonly<Record<"custodian" | "server" | "worker" | "migrations", string>>
  /** Folder of the built console. */
  readonly consoleDir: string | undefined
  /** Folders outside the data folder that a service writes to, such as copies of checkpoints. */
  readonly writes: Readonly<Record<"custodian" | "server", readonly string[]>>
}

const HARDENING = `NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private
UMask=0077
LimitCORE=0
# Netlink: a network namespace brings its own loopback up.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
# The children that decode media mount a root of their own and load a filter of their own.
SystemCallFilter=@system-service @mount @pkey seccomp
SystemCallErrorNumber=EPERM
SystemCallArchitectures=native
# Off: MemoryDenyWriteExecute (JavaScript and WebAssembly are compiled), RestrictNamespaces, ProtectKernelTunables and
# ProtectKernelLogs (user namespaces and an uncovered /proc isolate the children that decode media).
`

const NODE_FLAGS = ["--no-warnings", "--disable-sigusr1"]

/** Folder with files that only root reads: `passphrase`, `database.env`, `owner.env`. */
const SECRETS_DIR = "/etc/nightlight"

/**
 * The units' texts by file name.
 *
 * @throws {RequestError} `input_invalid` if a path holds a character that systemd reads something into.
 */
export function systemdUnits(options: UnitOptions): Readonly<Record<string, string>> {
  const { dataDir, node, users, entries, consoleDir, writes } = options
  const programs = [node, ...Object.values(entries), ...(consoleDir === undefined ? [] : [consoleDir])]
  assertPlain([dataDir, ...programs, ...writes.custodian, ...writes.server])
  // Home folders are hidden from the services, unless one contains their files.
  const isAtHome = [dataDir, ...programs].some((path) => HOME.test(path))
  const config = `${dataDir}/server/server.yaml`
  const database = `EnvironmentFile=${SECRETS_DIR}/database.env\n`
  const command = (entry: string, ...args: string[]) =>
    [node, ...NODE_FLAGS, ...(entry.endsWith(".ts") ? ["--conditions=@nightlight/source"] : []), entry, ...args].join(
      " ",
    )
  const after =
    "After=network-online.target nightlight-migrations.service nightlight-custodian.service\nWants=network-online.target\nRequires=nightlight-migrations.service\n"
  const restart = "Restart=on-failure\nRestartSec=1\n"
  const own = (user: OsUser, folders: readonly string[]) => asUser(user) + writable(isAtHome, folders)
  // The shell opens the file: the credential that systemd passes has an access list that looks like a group permission.
  const shell = `/bin/sh -c 'exec "$$@" --passphrase-stdin < "$$CREDENTIALS_DIRECTORY/passphrase"' sh`
  return {
    "nightlight-custodian.service": unit(
      "Nightlight custodian",
      "",
      `ExecStart=${shell} ${command(entries.custodian, `${dataDir}/custodian`)}\nLoadCredential=passphrase:${SECRETS_DIR}/passphrase\nTimeoutStopSec=35\n# After an unexpected end a person must look first: a restart would unlock it again.\nRestart=no\n${own(users.custodian, [`${dataDir}/custodian`, `${dataDir}/run/custodian`, ...writes.custodian])}`,
    ),
    "nightlight-migrations.service": unit(
      "Nightlight database migrations",
      "After=network-online.target\nWants=network-online.target\n",
      `Type=oneshot\nExecStart=${command(entries.migrations, config)}\n${database}EnvironmentFile=${SECRETS_DIR}/owner.env\n${own(users.server, [])}`,
    ),
    "nightlight-server.service": unit(
      "Nightlight server",
      after,
      `ExecStart=${command(entries.server, config, ...(consoleDir === undefined ? [] : [`--console=${consoleDir}`]))}\n${database}TimeoutStopSec=35\n${restart}${own(users.server, [`${dataDir}/evidence`, ...writes.server])}`,
    ),
    "nightlight-worker.service": unit(
      "Nightlight worker",
      after,
      `ExecStart=${command(entries.worker, config)}\n${database}TimeoutStopSec=50\n${restart}${own(users.server, [`${dataDir}/evidence`, ...writes.server])}`,
    ),
  }

  function asUser({ name, uid, gid }: OsUser): string {
    return `User=${name ?? uid}\nGroup=${gid}\nWorkingDirectory=${dataDir}\n`
  }
}

function unit(description: string, order: string, service: string): string {
  return `[Unit]
Description=${description}
${order}
[Service]
${service}${HARDENING}
[Install]
WantedBy=multi-user.target
`
}

function writable(isAtHome: boolean, folders: readonly string[]): string {
  return `${isAtHome ? "" : "ProtectHome=yes\n"}${folders.map((folder) => `ReadWritePaths=${folder}\n`).join("")}`
}

/** Allows no character that systemd interprets: a specifier, a variable, a quote, a blank. */
const PLAIN = /^[\w@+=:,./-]+$/
const HOME = /^\/(home|root|run\/user)\//

function assertPlain(paths: readonly string[]): void {
  if (paths.every((path) => PLAIN.test(path))) return
  throw new RequestError("input_invalid", "a systemd unit can name plain paths only", {
    hint: "Use paths made of letters, digits and @ + = : , . _ - / only.",
  })
}
