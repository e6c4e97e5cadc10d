/**
 * Checks whether this machine can screen, and how well it isolates the decoder.
 * @module
 */
import { readFile } from "node:fs/promises"
import { compact, describeIsolation, hasCode } from "@nightlight/core"
import { type Fingerprinter, openFingerprinter, testCardPng, testCardRecords } from "@nightlight/screening"
import { type Check, runCheck } from "./check.ts"

/** Oldest Node that the packages run on. */
const NEEDED_NODE = [22, 19] as const

/** Checks Node, the decoder and what could write memory to disk. */
export async function checkMachine(signal: AbortSignal): Promise<readonly Check[]> {
  return [
    await runCheck("node", checkNode),
    await runCheck("decoder", () => withDecoder((decoder) => checkDecoder(decoder, signal))),
    await runCheck("jpeg", () => withDecoder(checkJpeg)),
    await runCheck("swap", checkSwap),
    await runCheck("core dumps", checkCoreDumps),
    await runCheck("media", async () => ({
      state: "degraded",
      words: "video, HEIC, SVG and documents cannot be screened: they are withheld as inconclusive",
      hint: "A policy may name types that pass without screening: docs/guides/policies.md.",
    })),
  ]
}

async function checkNode(): Promise<Omit<Check, "name">> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const isEnough = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1])
  const words = `Node ${process.versions.node}`
  return isEnough
    ? { state: "ok", words }
    : { state: "missing", words, hint: `Node ${NEEDED_NODE.join(".")} or newer is needed.` }
}

async function withDecoder(see: (decoder: Fingerprinter) => Promise<Omit<Check, "name">>) {
  await using decoder = await openFingerprinter({ readRoots: [], processes: 1, profile: "fullres", kernel: "exact" })
  return await see(decoder)
}

/** Reports which JPEG decoder is used; both give the same pixels, and one is slower. */
async function checkJpeg({ jpegDecoder }: Fingerprinter): Promise<Omit<Check, "name">> {
  return jpegDecoder === "system"
    ? { state: "ok", words: "progressive and large JPEGs are decoded by the system's libjpeg-turbo" }
    : {
        state: "ok",
        words:
          "progressive and large JPEGs are decoded by sharp, which takes several times as long as the system's libjpeg-turbo",
        hint: "Install libturbojpeg0 (Debian, x64), so that a scan of such JPEGs is faster.",
      }
}

/** Decodes a test card in the child and compares its hash with the list's. */
async function checkDecoder(decoder: Fingerprinter, signal: AbortSignal): Promise<Omit<Check, "name">> {
  const fingerprint = await decoder.fingerprint({ kind: "bytes", bytes: testCardPng(0) }, signal)
  const pdq = fingerprint.picture?.views[0]?.pdq
  const records = testCardRecords()
  if (!records.some(({ hashType, hash }) => hashType === "pdq" && hash === pdq)) {
    return {
      state: "missing",
      words: "the decoder does not recognise a test card",
      hint: "Reinstall: npm ci, npm run build.",
    }
  }
  const { isolation } = decoder
  const { does, stronger: hint } = describeIsolation(isolation)
  return compact({
    state: isolation === "none" ? "degraded" : "ok",
    words: `decodes a test card; isolation ${isolation}: ${does}`,
    hint,
  })
}

async function checkSwap(): Promise<Omit<Check, "name">> {
  const lines = (await readIfThere("/proc/swaps"))?.trim().split("\n") ?? []
  if (lines.length <= 1) return { state: "ok", words: "no swap: decoded pixels stay in memory" }
  return {
    state: "degraded",
    words: "swap is on: decoded pixels may reach a disk",
    hint: "Turn it off (swapoff -a) or keep it on an encrypted device.",
  }
}

async function checkCoreDumps(): Promise<Omit<Check, "name">> {
  const filter = await readIfThere("/proc/self/coredump_filter")
  const limits = await readIfThere("/proc/self/limits")
  const soft = /^Max core file size\s+(\S+)/m.exec(limits ?? "")?.[1]
  const holdsMemory = filter === undefined || Number.parseInt(filter, 16) !== 0
  if (soft === undefined || soft === "0" || !holdsMemory)
    return { state: "ok", words: "a crash writes no memory to disk" }
  return {
    state: "degraded",
    words: "a crash of this process may write its memory to disk; the decoders' never",
    hint: "Run ulimit -c 0 before nightlight.",
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT") || hasCode(error, "EACCES")) return undefined
    throw error
  })
}
