import { describe, expect, it } from "vitest"
import { hasFilterFor, systemCallFilter } from "../src/isolation/system-call-filter.ts"

const PROGRAM = 0x7ffd_1234_5678n
const X64 = 0xc000_003e
const ARM64 = 0xc000_00b7
const ALLOW = 0x7fff_0000
const KILL = 0x8000_0000
const EPERM = 0x5_0001
const ENOSYS = 0x5_0026

/** A call's `struct seccomp_data`. */
function callOf(architecture: number, number: number, first = 0n): DataView {
  const data = new DataView(new ArrayBuffer(64))
  data.setInt32(0, number, true)
  data.setUint32(4, architecture, true)
  data.setBigUint64(16, first, true)
  return data
}

/** Runs a filter like the kernel, for the instructions in use here. */
function verdict(filter: Uint8Array, data: DataView): number {
  const code = new DataView(filter.buffer, filter.byteOffset, filter.length)
  let accumulator = 0
  for (let offset = 0; offset < filter.length; offset += 8) {
    const value = code.getUint32(offset + 4, true)
    const jump = (isTrue: boolean) => (offset += 8 * code.getUint8(offset + (isTrue ? 2 : 3)))
    switch (code.getUint16(offset, true)) {
      case 0x20:
        accumulator = data.getUint32(value, true)
        break
      case 0x15:
        jump(accumulator === value)
        break
      case 0x35:
        jump(accumulator >= value)
        break
      case 0x45:
        jump((accumulator & value) !== 0)
        break
      case 0x06:
        return value
      default:
        throw new Error("expected an instruction that the kernel takes")
    }
  }
  throw new Error("expected the filter to return")
}

// The kernel's numbers are repeated deliberately, so that a wrong one in the source is detected.
describe.each([
  [
    "x64",
    X64,
    { read: 0, write: 1, futex: 202, tgkill: 234, exit_group: 231 },
    {
      socket: 41,
      connect: 42,
      accept: 43,
      bind: 49,
      listen: 50,
      socketpair: 53,
      fork: 57,
      vfork: 58,
      kill: 62,
      ptrace: 101,
      mount: 165,
      umount2: 166,
      keyctl: 250,
      unshare: 272,
      perf_event_open: 298,
      setns: 308,
      process_vm_readv: 310,
      process_vm_writev: 311,
      seccomp: 317,
      bpf: 321,
      execveat: 322,
      userfaultfd: 323,
    },
    59,
    56,
  ],
  [
    "arm64",
    ARM64,
    { read: 63, write: 64, futex: 98, tgkill: 131, exit_group: 94 },
    {
      umount2: 39,
      mount: 40,
      unshare: 97,
      ptrace: 117,
      kill: 129,
      socket: 198,
      socketpair: 199,
      bind: 200,
      listen: 201,
      accept: 202,
      connect: 203,
      keyctl: 219,
      perf_event_open: 241,
      setns: 268,
      process_vm_readv: 270,
      process_vm_writev: 271,
      seccomp: 277,
      bpf: 280,
      execveat: 281,
      userfaultfd: 282,
    },
    221,
    220,
  ],
] as const)("the filter of %s", (arch, architecture, allowed, refused, execve, clone) => {
  const filter = systemCallFilter(arch, PROGRAM)
  const of = (number: number, first?: bigint) => verdict(filter, callOf(architecture, number, first))

  it("allows the calls that decoding needs", () => {
    for (const [name, number] of Object.entries(allowed)) expect(of(number), name).toBe(ALLOW)
  })

  it("refuses sockets and other processes", () => {
    for (const [name, number] of Object.entries(refused)) expect(of(number), name).toBe(EPERM)
  })

  it("refuses io_uring, new mount calls, process handles and secret memory by their shared numbers", () => {
    for (const number of [424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 447]) {
      expect(of(number), `${number}`).toBe(EPERM)
    }
  })

  it("allows one program to start, by its address, and no other", () => {
    expect(of(execve, PROGRAM)).toBe(ALLOW)
    for (const address of [0n, PROGRAM + 1n, PROGRAM ^ (1n << 32n), PROGRAM & 0xffff_ffffn]) {
      expect(of(execve, address), `${address}`).toBe(EPERM)
    }
  })

  it("allows threads to start, but no process", () => {
    const thread = 0x1_0000n
    expect(of(clone, thread | 0x0f00n)).toBe(ALLOW)
    expect(of(clone, 17n)).toBe(EPERM)
    expect(of(435)).toBe(ENOSYS)
  })

  it("reports calls that are newer than itself as unknown", () => {
    expect(of(462)).toBe(ALLOW)
    expect(of(463)).toBe(ENOSYS)
    expect(of(100_000)).toBe(ENOSYS)
  })

  it("kills a process that uses another architecture's calls", () => {
    const other = arch === "x64" ? ARM64 : X64
    expect(verdict(filter, callOf(other, allowed.read))).toBe(KILL)
    if (arch === "x64") expect(of(0x4000_0000 | allowed.read)).toBe(KILL)
  })
})

it("the system-call filter exists only for x64 and arm64", () => {
  expect(["x64", "arm64", "riscv64", "constructor"].map(hasFilterFor)).toEqual([true, true, false, false])
})
