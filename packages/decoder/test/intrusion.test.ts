import { existsSync, readFileSync } from "node:fs"
import type { Isolation } from "@nightlight/core"
import { ISOLATIONS } from "@nightlight/core"
import { skipUnlessGranted } from "@nightlight/dev-env/machine/isolations"
import { describe, expect, it } from "vitest"
import { lastDescendant } from "../src/node-process.ts"
import { type Attempts, letIn, runInstead } from "./intruders.ts"

const IN_NAMESPACES: Attempts = {
  shadow: "ENOENT",
  secret: "ENOENT",
  memory: "ENOENT",
  signal: "ESRCH",
  unix: "ENOENT",
  abstract: "ECONNREFUSED",
  shell: "ENOENT",
  // A program that it starts is in the same isolation.
  node: "done",
  root: "EROFS",
  outside: "ENOENT",
  code: "EROFS",
}

const REFUSED: Attempts = {
  signal: "EPERM",
  tcp: "EPERM",
  unix: "EPERM",
  abstract: "EPERM",
  shell: "EPERM",
  node: "EPERM",
}

const EXPECTED: Readonly<Record<Exclude<Isolation, "none">, Attempts>> = {
  "bwrap+seccomp": { ...IN_NAMESPACES, ...REFUSED, processes: "ENOENT" },
  bwrap: { ...IN_NAMESPACES, tcp: "ECONNREFUSED", processes: "ENOENT" },
  unshare: { ...IN_NAMESPACES, tcp: "ENETUNREACH", processes: "done" },
}

const CAGES = ISOLATIONS.filter((isolation) => isolation !== "none")

/** A field of `/proc/PID/status`. */
const statusOf = (pid: number, field: string) =>
  new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]

describe.skipIf(process.platform !== "linux")("a decoder that a picture has taken over", () => {
  it.for(CAGES)("reaches only its input, even without Node's permission model (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const { attempts } = await letIn(isolation)
    expect(attempts).toEqual(EXPECTED[isolation])
  })

  it.for(CAGES)(
    "has no capability, even in its own user namespace, and gains none (%s)",
    async (isolation, { skip }) => {
      skipUnlessGranted(isolation, skip)
      const { pid } = await letIn(isolation)
      const intruder = lastDescendant(pid) ?? 0
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
        expect(statusOf(intruder, set), set).toBe("0".repeat(16))
      }
      expect(statusOf(intruder, "NoNewPrivs")).toBe("1")
      expect(statusOf(intruder, "Seccomp")).toBe(isolation === "bwrap+seccomp" ? "2" : "0")
    },
  )

  it.for(ISOLATIONS)("is also refused files, programs and writing by Node (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const { attempts } = await letIn(isolation, { keepsPermissions: true })
    const denied = isolation === "none" ? ["shadow", "secret", "processes", "memory"] : []
    for (const attempt of [...denied, "shell", "node", "root", "outside", "code"]) {
      expect(attempts[attempt], attempt).toBe("ERR_ACCESS_DENIED")
    }
  })

  it("has the whole account's access without isolation, which is why that must be accepted by name", async () => {
    const { attempts } = await letIn("none")
    expect(attempts).toMatchObject({ secret: "done", tcp: "done", unix: "done", shell: "done", signal: "done" })
  })
})

const PERL = "/usr/bin/perl"

/** Calls the kernel without the C library, and prints the error's number; 0 for none. */
const SYSTEM_CALLS = `
my %calls = (socket => [41, 2, 1, 0], ptrace => [101, 0, 0, 0, 0], keyctl => [250, 0, -3, 0], userfaultfd => [323, 0],
  unshare => [272, 0x10000000], kill => [62, $$, 0], memfd_secret => [447, 0], mount => [165, 0, 0, 0, 0, 0],
  io_uring_setup => [425, 1, 0], perf_event_open => [298, 0, 0, -1, -1, 0], bpf => [321, 0, 0, 0],
  process_vm_readv => [310, $$, 0, 0, 0, 0, 0], pidfd_getfd => [438, 0, 0, 0], clone3 => [435, 0, 0],
  clone => [56, 17, 0, 0, 0, 0], fork => [57], execve => [59, "/usr/bin/perl", 0, 0], unknown => [1000]);
for my $name (sort keys %calls) {
  $! = 0;
  my ($number, @arguments) = @{$calls{$name}};
  my $result = syscall($number, @arguments);
  my $error = $! + 0;
  exit 0 if $name =~ /^(clone|fork)$/ && $result == 0;
  print "$name ", $result == -1 ? $error : 0, "\\n";
}
`

describe.skipIf(process.arch !== "x64" || !existsSync(PERL))("direct system calls", () => {
  const EPERM = 1
  const ENOSYS = 38

  it("are refused by the filter, including calls that are newer than the filter", async ({ skip }) => {
    skipUnlessGranted("bwrap+seccomp", skip)
    const said = await runInstead("bwrap+seccomp", [PERL, "-e", SYSTEM_CALLS], PERL_ROOTS)
    const outcomes = Object.fromEntries(
      said
        .trim()
        .split("\n")
        .map((line) => line.split(" ")),
    )
    const refused = Object.keys(outcomes).filter((name) => outcomes[name] === `${EPERM}`)
    expect(outcomes).toMatchObject({ clone3: `${ENOSYS}`, unknown: `${ENOSYS}` })
    expect(refused.toSorted()).toEqual(
      [
        "bpf",
        "clone",
        "execve",
        "fork",
        "io_uring_setup",
        "keyctl",
        "kill",
        "memfd_secret",
        "mount",
        "perf_event_open",
        "pidfd_getfd",
        "process_vm_readv",
        "ptrace",
        "socket",
        "unshare",
        "userfaultfd",
      ].toSorted(),
    )
  })
})

const PERL_ROOTS = [PERL].map((path) => ({ real: path, seenAs: path }))
