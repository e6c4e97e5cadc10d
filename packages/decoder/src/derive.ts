/**
 * Small renditions of untrusted pictures, each made in its own child that has no access and ends afterwards. The child
 * returns raw pixels; the parent writes the file, so that no hostile bytes reach a viewer.
 * @module
 */
import { DependencyError, type Isolation, RequestError } from "@nightlight/core"
import { renditionEntry } from "./find-isolation.ts"
import { encodeFrame, type Frame, FrameReader } from "./frames.ts"
import { childCommand } from "./isolation/child-command.ts"
import { launchChild } from "./isolation/launch.ts"
import { type IsolationChoice, startStrongest } from "./isolation/strongest.ts"
import { type DecoderLimits, resolveLimits } from "./limits.ts"
import { encodePng } from "./png.ts"
import { MAX_PAYLOAD_BYTES } from "./protocol.ts"

/** Size, blur, colour and frame of a rendition. */
export interface DeriveOptions {
  /** Longest side, pixels, 16 to 2,048; a smaller picture is not enlarged. */
  readonly sidePx: number
  /** Standard deviation of the blur in pixels of the rendition, 0.3 to 100; 0 for none. */
  readonly blurSigma: number
  readonly greyscale: boolean
  /** Frame or page from 0, in the order of a fingerprint; 0 by default. */
  readonly frame?: number
}

/** Why there is no rendition. */
export type DeriveFailure = "not_a_picture" | "no_such_frame" | "undecodable" | "time_limit" | "child_died"

/** A rendition, or why there is none. */
export type Derivative =
  | { readonly kind: "picture"; readonly bytes: Uint8Array; readonly width: number; readonly height: number }
  | { readonly kind: "failure"; readonly cause: DeriveFailure }

/** Limits and isolation of a {@link Deriver}. */
export interface DeriverOptions {
  readonly limits?: Partial<DecoderLimits>
  /** `auto` by default: the strongest that this system supports. */
  readonly isolation?: IsolationChoice
  /** Absolute path of another child program. */
  readonly entry?: string
}

/** Makes renditions. Keeps no process between them. */
export interface Deriver {
  /**
   * Renders one frame upright, as a PNG with 8 bits per channel, without metadata and with transparency on mid grey.
   * Resolves whatever the bytes do.
   *
   * @throws {RequestError} `input_invalid` when an option is out of range.
   * @throws {DependencyError} `decoder_unavailable` when no child can be started; `decoder_not_isolated`.
   * @throws the signal's reason when it aborts first.
   */
  derive(bytes: Uint8Array, options: DeriveOptions, signal?: AbortSignal): Promise<Derivative>
}

/** Request to the child; the payload is the picture. */
export interface DeriveRequest extends DeriveOptions {
  readonly frame: number
  readonly limits: DecoderLimits
}

/** Message of the child: first that it is ready, then the result; the payload is the pixels. */
export type DeriveMessage =
  | { readonly ready: true }
  | { readonly width: number; readonly height: number }
  | { readonly failure: DeriveFailure }

const MAX_SIDE_PX = 2048
const FAILURES: readonly DeriveFailure[] = ["not_a_picture", "no_such_frame", "undecodable", "time_limit"]
const START_TIMEOUT_MS = 20_000

/**
 * Makes a deriver; starts no process.
 *
 * @throws {RequestError} `input_invalid` when a limit is not a whole number.
 */
export function createDeriver(options: DeriverOptions = {}): Deriver {
  const limits = resolveLimits(options.limits)
  const entry = options.entry ?? renditionEntry()

  return {
    async derive(bytes, given, signal) {
      const request = { ...given, frame: given.frame ?? 0, limits }
      assertRequest(request, bytes)
      return startStrongest(options.isolation ?? "auto", async (isolation) => {
        const outcome = await runChild({ entry, isolation, request, bytes }, signal)
        if (outcome !== "not_started") return outcome
        throw new DependencyError("decoder_unavailable", "no decoder child can be started")
      })
    },
  }
}

interface Run {
  readonly entry: string
  readonly isolation: Isolation
  readonly request: DeriveRequest
  readonly bytes: Uint8Array
}

function runChild(
  { entry, isolation, request, bytes }: Run,
  signal?: AbortSignal,
): Promise<Derivative | "not_started"> {
  signal?.throwIfAborted()
  const command = childCommand(entry, isolation, { limits: request.limits, inFlight: 1, roots: [] })
  const child = launchChild(command, "ignore")
  return new Promise((resolve, reject) => {
    let isReady = false
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
      child.kill("SIGKILL")
    }
    const endWith = (outcome: Derivative | "not_started") => {
      end()
      resolve(outcome)
    }
    const fail = (cause: DeriveFailure) => endWith({ kind: "failure", cause })
    const abort = () => {
      end()
      reject(signal?.reason)
    }
    let timer = setTimeout(() => endWith("not_started"), START_TIMEOUT_MS)
    const receive = (frame: Frame) => {
      if (isReady) return endWith(toDerivative(frame, request))
      isReady = true
      clearTimeout(timer)
      timer = setTimeout(() => fail("time_limit"), request.limits.timeoutMs)
      child.stdin?.write(encodeFrame(request, bytes.length))
      child.stdin?.end(bytes)
    }
    const mostPixels = request.sidePx * request.sidePx * channelsOf(request)
    const reader = new FrameReader({ maxHeaderBytes: 4096, maxPayloadBytes: mostPixels }, receive)
    child.stdout?.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk)
      } catch {
        fail("child_died")
      }
    })
    child.stdin?.on("error", () => {})
    child.on("error", () => (isReady ? fail("child_died") : endWith("not_started")))
    child.on("close", () => (isReady ? fail("child_died") : endWith("not_started")))
    signal?.addEventListener("abort", abort, { once: true })
  })
}

/** Checks everything from the child except the content of the pixels. */
function toDerivative({ header, payload }: Frame, request: DeriveRequest): Derivative {
  const { width, height, failure } = (header ?? {}) as Readonly<Record<string, unknown>>
  const known = FAILURES.find((cause) => cause === failure)
  if (known !== undefined) return { kind: "failure", cause: known }
  const channels = channelsOf(request)
  if (!isSide(width, request.sidePx) || !isSide(height, request.sidePx)) return { kind: "failure", cause: "child_died" }
  if (payload.length !== width * height * channels) return { kind: "failure", cause: "child_died" }
  return { kind: "picture", bytes: encodePng(payload, { width, height, channels }), width, height }
}

function isSide(value: unknown, sidePx: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= sidePx
}

function channelsOf({ greyscale }: DeriveRequest): 1 | 3 {
  return greyscale ? 1 : 3
}

function assertRequest({ sidePx, blurSigma, frame }: DeriveRequest, bytes: Uint8Array): void {
  const isFine =
    Number.isSafeInteger(sidePx) &&
    sidePx >= 16 &&
    sidePx <= MAX_SIDE_PX &&
    (blurSigma === 0 || (blurSigma >= 0.3 && blurSigma <= 100)) &&
    Number.isSafeInteger(frame) &&
    frame >= 0 &&
    bytes.length <= MAX_PAYLOAD_BYTES
  if (!isFine)
    throw new RequestError("input_invalid", "expected a side of 16 to 2048, a blur of 0 or 0.3 to 100, a frame from 0")
}
