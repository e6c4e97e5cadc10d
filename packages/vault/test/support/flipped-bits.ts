import { readFile, writeFile } from "node:fs/promises"
import fc from "fast-check"

/** `npm run verify:long` flips more. */
const FLIPS = process.env["NIGHTLIGHT_LONG"] === undefined ? 80 : 300

/** Runs a check with {@link FLIPS} bits of a file flipped, each by itself, and leaves the file as it was. */
export async function forFlippedBits(path: string, check: () => Promise<void>): Promise<void> {
  const whole = await readFile(path)
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (offset, bit) => {
      const flipped = Buffer.from(whole)
      flipped[offset]! ^= 1 << bit
      await writeFile(path, flipped)
      await check()
    }),
    { numRuns: FLIPS },
  )
  await writeFile(path, whole)
}
