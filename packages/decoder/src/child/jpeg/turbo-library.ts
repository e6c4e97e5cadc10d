import { createHash } from "node:crypto"
import { createRequire } from "node:module"
import { PROBE, PROBE_PIXELS_SHA256 } from "./probe.ts"

/** One decoder of the library; not for concurrent calls. */
export type TurboHandle = object

/** The system's libjpeg-turbo, after a check on this machine that it gives the same pixels as sharp. */
export interface TurboLibrary {
  /** Makes a handle, which lives as long as the process; `undefined` where the library has no memory for it. */
  open(): TurboHandle | undefined
  /** Decodes to RGB, on this thread. Returns whether every pixel was written without a warning. */
  decode(handle: TurboHandle, job: TurboJob): boolean
  /**
   * As {@link decode}, on a thread of libuv's pool. Neither the JPEG nor the buffer may change until the call ends.
   */
  decodeOnThread(handle: TurboHandle, job: TurboJob): Promise<boolean>
}

/** A JPEG and the buffer for its pixels. */
export interface TurboJob {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  /** Width x height x 3 bytes, overwritten. */
  readonly out: Uint8Array
}

/** The part of koffi's native module that is used here; it has no types. */
interface Koffi {
  load(path: string): { func(prototype: string): unknown }
}

type Open = () => TurboHandle | null
type Arguments = readonly [TurboHandle, Uint8Array, number, Uint8Array, number, number, number, number, number]
interface Decompress {
  (...parameters: Arguments): number
  async(...parameters: readonly [...Arguments, (error: unknown, result: number) => void]): void
}

const LIBRARY = "libturbojpeg.so.0"

/** `turbojpeg.h`: rows follow one another without padding; red, green, blue; a warning is an error; 500 scans at most. */
const NO_PADDING = 0
const RGB = 0
const FLAGS = 8192 | 32768

/**
 * Loads the system's libjpeg-turbo.
 *
 * @param library - file or name to load in place of Debian's package.
 * @returns `undefined` where it is missing, cannot be called, or gives other pixels than sharp.
 */
export function loadTurboLibrary(library = LIBRARY): TurboLibrary | undefined {
  try {
    const koffi = createRequire(import.meta.url)("@koromix/koffi-linux-x64") as Koffi
    const functions = koffi.load(library)
    const open = functions.func("void *tjInitDecompress()") as Open
    const decompress = functions.func(
      "int tjDecompress2(void *handle, const void *jpeg, unsigned long size, void *out, int width, int pitch, int height, int format, int flags)",
    ) as Decompress
    return decodesAsSharp(open, decompress) ? toLibrary(open, decompress) : undefined
  } catch {
    return undefined
  }
}

function toLibrary(open: Open, decompress: Decompress): TurboLibrary {
  return {
    open: () => open() ?? undefined,
    decode: (handle, job) => decompress(...toArguments(handle, job)) === 0,
    decodeOnThread: (handle, job) =>
      new Promise((resolve) => {
        decompress.async(...toArguments(handle, job), (error, result) => resolve(error === null && result === 0))
      }),
  }
}

function toArguments(handle: TurboHandle, { bytes, width, height, out }: TurboJob): Arguments {
  return [handle, bytes, bytes.length, out, width, NO_PADDING, height, RGB, FLAGS]
}

function decodesAsSharp(open: Open, decompress: Decompress): boolean {
  const handle = open()
  if (handle === null) return false
  const out = new Uint8Array(PROBE.width * PROBE.height * 3)
  if (decompress(...toArguments(handle, { ...PROBE, out })) !== 0) return false
  return createHash("sha256").update(out).digest("hex") === PROBE_PIXELS_SHA256
}
