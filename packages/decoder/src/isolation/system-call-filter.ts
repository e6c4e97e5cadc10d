/**
 * The system-call filter of a decoder child, as a classic BPF program for the kernel (seccomp(2)). It is a list of
 * refused calls, which decoding does not need: sockets, other processes, mounts, tracing, programs.
 * @module
 */

/** An address in the memory of the process that loads the filter; see {@link systemCallFilter}. */
export type ProgramAddress = bigint

const LOAD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06

/** Offsets in `struct seccomp_data`; arguments are 64 bits, low half first. */
const NUMBER = 0
const ARCHITECTURE = 4
const FIRST_ARGUMENT_LOW = 16
const FIRST_ARGUMENT_HIGH = 20

const ALLOW = 0x7fff_0000
const KILL_PROCESS = 0x8000_0000
const EPERM = 0x5_0001
const ENOSYS = 0x5_0026

const CLONE_THREAD = 0x1_0000

/** Bit in the number of a call of the 32-bit interface on x64. */
const X32_BIT = 0x4000_0000

/** Numbers that are the same on every architecture: `clone3`, and the first call that is newer than this list. */
const CLONE3 = 435
const FIRST_UNKNOWN = 463

interface Architecture {
  readonly audit: number
  readonly hasX32: boolean
  readonly clone: number
  readonly execve: number
  readonly refused: Readonly<Record<string, number>>
}

/** Numbers shared by x64 and arm64. */
const SHARED = {
  pidfd_send_signal: 424,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_open: 434,
  pidfd_getfd: 438,
  process_madvise: 440,
  mount_setattr: 442,
  memfd_secret: 447,
}

const X64: Architecture = {
  audit: 0xc000_003e,
  hasX32: true,
  clone: 56,
  execve: 59,
  refused: {
    ...SHARED,
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
    rt_sigqueueinfo: 129,
    mknod: 133,
    pivot_root: 155,
    chroot: 161,
    mount: 165,
    umount2: 166,
    add_key: 248,
    request_key: 249,
    keyctl: 250,
    mknodat: 259,
    unshare: 272,
    accept4: 288,
    perf_event_open: 298,
    open_by_handle_at: 304,
    setns: 308,
    process_vm_readv: 310,
    process_vm_writev: 311,
    kcmp: 312,
    seccomp: 317,
    bpf: 321,
    execveat: 322,
    userfaultfd: 323,
  },
}

const ARM64: Architecture = {
  audit: 0xc000_00b7,
  hasX32: false,
  clone: 220,
  execve: 221,
  refused: {
    ...SHARED,
    mknodat: 33,
    umount2: 39,
    mount: 40,
    pivot_root: 41,
    chroot: 51,
    unshare: 97,
    ptrace: 117,
    kill: 129,
    rt_sigqueueinfo: 138,
    socket: 198,
    socketpair: 199,
    bind: 200,
    listen: 201,
    accept: 202,
    connect: 203,
    add_key: 217,
    request_key: 218,
    keyctl: 219,
    perf_event_open: 241,
    accept4: 242,
    open_by_handle_at: 265,
    setns: 268,
    process_vm_readv: 270,
    process_vm_writev: 271,
    kcmp: 272,
    seccomp: 277,
    bpf: 280,
    execveat: 281,
    userfaultfd: 282,
  },
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = { x64: X64, arm64: ARM64 }

/** Whether there is a filter for an architecture, named as in `process.arch`. */
export function hasFilterFor(arch: string): boolean {
  return Object.hasOwn(ARCHITECTURES, arch)
}

/**
 * Builds the filter. It refuses new processes and programs, except one start of the program whose path is at the
 * address `program` in the memory of the loading process. Once that program runs, its memory is different, and it does
 * not know the address.
 *
 * @param arch - named as in `process.arch`; must be one that {@link hasFilterFor} accepts.
 * @returns instructions of 8 bytes, little endian: code, two jumps, a value.
 */
export function systemCallFilter(arch: string, program: ProgramAddress): Uint8Array {
  const known = ARCHITECTURES[arch]
  if (known === undefined) throw new RangeError(`expected an architecture with a filter, got ${arch}`)
  const rows: Instruction[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    [JUMP_EQUAL, 1, 0, known.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
  ]
  if (known.hasX32) rows.push([JUMP_ANY_BIT, 0, 1, X32_BIT], [RETURN, 0, 0, KILL_PROCESS])
  rows.push(
    [JUMP_EQUAL, 0, 6, known.execve],
    [LOAD, 0, 0, FIRST_ARGUMENT_LOW],
    [JUMP_EQUAL, 0, 3, Number(program & 0xffff_ffffn)],
    [LOAD, 0, 0, FIRST_ARGUMENT_HIGH],
    [JUMP_EQUAL, 0, 1, Number(program >> 32n)],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, EPERM],
  )
  for (const number of Object.values(known.refused)) rows.push([JUMP_EQUAL, 0, 1, number], [RETURN, 0, 0, EPERM])
  rows.push(
    // The C library then falls back to clone, whose flags the filter can check.
    [JUMP_EQUAL, 0, 1, CLONE3],
    [RETURN, 0, 0, ENOSYS],
    [JUMP_EQUAL, 0, 4, known.clone],
    [LOAD, 0, 0, FIRST_ARGUMENT_LOW],
    [JUMP_ANY_BIT, 1, 0, CLONE_THREAD],
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
    [JUMP_AT_LEAST, 0, 1, FIRST_UNKNOWN],
    [RETURN, 0, 0, ENOSYS],
    [RETURN, 0, 0, ALLOW],
  )
  return assemble(rows)
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

function assemble(rows: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(rows.length * 8)
  for (const [row, [code, ifTrue, ifFalse, value]] of rows.entries()) {
    bytes.writeUInt16LE(code, row * 8)
    bytes.writeUInt8(ifTrue, row * 8 + 2)
    bytes.writeUInt8(ifFalse, row * 8 + 3)
    bytes.writeUInt32LE(value, row * 8 + 4)
  }
  return bytes
}
