import sharp, { type Sharp } from "sharp"
import { BLACK, fromPixels, noisy, overlaid, pixelsOf, WHITE } from "./draw.ts"
import { framed } from "./frames.ts"
import type { Raw } from "./scenes.ts"

/** A picture that is changed. */
export interface Subject {
  readonly raw: Raw
  /** The picture's number, for what is random about its change. */
  readonly seed: number
}

/** One way of changing a picture, and the file that comes out. */
export interface Change {
  readonly group: string
  readonly name: string
  make(subject: Subject): Promise<Buffer>
}

const jpeg = (pipeline: Sharp, quality = 85) => pipeline.jpeg({ quality }).toBuffer()

/** Every change that is measured, by groups. */
export const CHANGES: readonly Change[] = [
  ...encodings(),
  ...sizes(),
  ...cuts(),
  ...turns(),
  ...tones(),
  ...additions(),
  ...framed(),
]

function encodings(): Change[] {
  const change = (name: string, make: (picture: Sharp) => Promise<Buffer>): Change => ({
    group: "Encoded again",
    name,
    make: ({ raw }) => make(fromPixels(raw)),
  })
  return [
    ...[95, 75, 50, 30, 10].map((quality) => change(`JPEG, quality ${quality}`, (picture) => jpeg(picture, quality))),
    change("progressive JPEG, quality 75", (picture) => picture.jpeg({ quality: 75, progressive: true }).toBuffer()),
    change("PNG", (picture) => picture.png().toBuffer()),
    change("PNG of 16 colours", (picture) => picture.png({ palette: true, colours: 16 }).toBuffer()),
    change("GIF", (picture) => picture.gif({ effort: 1 }).toBuffer()),
    ...[75, 30].map((quality) => change(`WebP, quality ${quality}`, (picture) => picture.webp({ quality }).toBuffer())),
    ...[60, 30].map((quality) =>
      change(`AVIF, quality ${quality}`, (picture) => picture.avif({ quality, effort: 0 }).toBuffer()),
    ),
    change("TIFF of LZW", (picture) => picture.tiff({ compression: "lzw" }).toBuffer()),
    change("five times JPEG, quality 60", async (picture) => {
      let bytes = await jpeg(picture, 60)
      for (let time = 1; time < 5; time++) bytes = await jpeg(sharp(bytes), 60)
      return bytes
    }),
  ]
}

function sizes(): Change[] {
  const change = (name: string, width: number, height: number): Change => ({
    group: "Resized",
    name,
    make: ({ raw }) => {
      const [w, h] = [Math.round(raw.width * width), Math.round(raw.height * height)]
      return jpeg(fromPixels(raw).resize(w, h, { fit: "fill" }))
    },
  })
  return [
    ...[2, 0.5, 0.25, 0.125].map((share) => change(`to ${share * 100} % of its sides`, share, share)),
    ...[0.9, 0.75, 0.5].map((share) => change(`width alone, to ${share * 100} %`, share, 1)),
  ]
}

function cuts(): Change[] {
  const change = (name: string, edges: (random: number) => readonly [number, number, number, number]): Change => ({
    group: "Cut",
    name,
    make: ({ raw, seed }) => {
      const [left, top, right, bottom] = edges((seed % 10) / 10)
      const area = {
        left: Math.round(raw.width * left),
        top: Math.round(raw.height * top),
        width: Math.round(raw.width * (1 - left - right)),
        height: Math.round(raw.height * (1 - top - bottom)),
      }
      return jpeg(fromPixels(raw).extract(area))
    },
  })
  return [
    ...[0.01, 0.02, 0.03, 0.05, 0.1, 0.2].map((share) =>
      change(`${share * 100} % at one side`, () => [0, 0, share, 0] as const),
    ),
    ...[0.01, 0.02, 0.03, 0.05, 0.1].map((share) =>
      change(`${share * 100} % at each side`, () => [share, share, share, share] as const),
    ),
  ]
}

function turns(): Change[] {
  const change = (name: string, make: Change["make"]): Change => ({ group: "Turned", name, make })
  return [
    change("mirrored", ({ raw }) => jpeg(fromPixels(raw).flop())),
    change("upside down, mirrored", ({ raw }) => jpeg(fromPixels(raw).flip())),
    change("half around", ({ raw }) => jpeg(fromPixels(raw).rotate(180))),
    change("a quarter, either way", ({ raw, seed }) => jpeg(fromPixels(raw).rotate(seed % 2 === 0 ? 90 : 270))),
    change("by EXIF, orientation 2 to 8", async ({ raw, seed }) => {
      // Stored so that EXIF's orientation shows it upright.
      const orientation = 2 + (seed % 7)
      const stored = await sharp(
        await fromPixels(raw)
          .withMetadata({ orientation: INVERSE[orientation] ?? 1 })
          .png()
          .toBuffer(),
      )
        .autoOrient()
        .raw()
        .toBuffer({ resolveWithObject: true })
      const { width, height } = stored.info
      return fromPixels({ data: stored.data, width, height })
        .withMetadata({ orientation })
        .jpeg({ quality: 85 })
        .toBuffer()
    }),
    ...[1, 2, 3, 5, 10].map((degrees) =>
      change(`by ${degrees}°, on black`, ({ raw, seed }) =>
        jpeg(fromPixels(raw).rotate(seed % 2 === 0 ? degrees : -degrees, { background: "#000000" })),
      ),
    ),
  ]
}

/** The orientation that undoes each. */
const INVERSE = [1, 1, 2, 3, 4, 5, 8, 7, 6]

function tones(): Change[] {
  const change = (name: string, make: (picture: Sharp, subject: Subject) => Sharp | Promise<Sharp>): Change => ({
    group: "Colours and sharpness",
    name,
    make: async (subject) => jpeg(await make(fromPixels(subject.raw), subject)),
  })
  return [
    ...[0.5, 0.75, 1.25, 1.5].map((factor) =>
      change(`brightness times ${factor}`, (picture) => picture.linear(factor, 0)),
    ),
    ...[0.5, 0.75, 1.5, 2].map((factor) =>
      change(`contrast times ${factor}`, (picture) => picture.linear(factor, 128 * (1 - factor))),
    ),
    ...[1.5, 2.2].map((gamma) =>
      change(`gamma ${gamma}`, (picture) => toned(picture, (tone) => 255 * (tone / 255) ** gamma)),
    ),
    change("negative", (picture) => picture.negate()),
    change("greyscale", (picture) => picture.greyscale()),
    change("colours turned by 90°", (picture) => picture.modulate({ hue: 90 })),
    change("saturation times 2", (picture) => picture.modulate({ saturation: 2 })),
    change("sepia", (picture) =>
      picture.recomb([
        [0.39, 0.77, 0.19],
        [0.35, 0.69, 0.17],
        [0.27, 0.53, 0.13],
      ]),
    ),
    ...[1, 2, 4, 8].map((sigma) => change(`blurred, sigma ${sigma} px`, (picture) => picture.blur(sigma))),
    change("sharpened, sigma 2 px", (picture) => picture.sharpen({ sigma: 2, m1: 2, m2: 4 })),
    ...[10, 25, 50].map((strength) =>
      change(`noise, sigma ${strength} of 256`, (_, { raw, seed }) =>
        fromPixels({ ...raw, data: noisy(raw.data, strength, seed) }),
      ),
    ),
  ]
}

/** Every tone through a curve. */
async function toned(picture: Sharp, curve: (tone: number) => number): Promise<Sharp> {
  const pixels = await pixelsOf(picture)
  return fromPixels({ ...pixels, data: Buffer.from(pixels.data.map((tone) => Math.round(curve(tone)))) })
}

function additions(): Change[] {
  const change = (name: string, make: (picture: Sharp, size: { width: number; height: number }) => Sharp): Change => ({
    group: "Something laid over it",
    name,
    make: ({ raw }) => jpeg(make(fromPixels(raw), raw)),
  })
  return [
    change("a line of letters", (picture, { width, height }) =>
      overlaid(picture, [
        {
          left: width * 0.1,
          top: height * 0.8,
          width: width * 0.8,
          height: height * 0.08,
          colour: WHITE,
          letters: true,
        },
      ]),
    ),
    change("letters above and below, as in memes", (picture, { width, height }) =>
      overlaid(
        picture,
        [0.03, 0.82].map((top) => ({
          left: width * 0.05,
          top: height * top,
          width: width * 0.9,
          height: height * 0.15,
          colour: WHITE,
          letters: true,
        })),
      ),
    ),
    ...[0.1, 0.2, 0.3].map((share) =>
      change(`a logo of ${share * 100} % of its sides in a corner`, (picture, { width, height }) =>
        overlaid(picture, [
          {
            left: width * (0.97 - share),
            top: height * (0.97 - share),
            width: width * share,
            height: height * share,
            colour: BLACK,
          },
          {
            left: width * (0.97 - share * 0.8),
            top: height * (0.97 - share * 0.7),
            width: width * share * 0.6,
            height: height * share * 0.4,
            colour: WHITE,
          },
        ]),
      ),
    ),
    change("a watermark of letters all over, a third opaque", (picture, { width, height }) =>
      overlaid(
        picture,
        [0.1, 0.3, 0.5, 0.7, 0.9].map((top) => ({
          left: 0,
          top: height * (top - 0.05),
          width,
          height: height * 0.1,
          colour: [255, 255, 255, 85] as const,
          letters: true,
        })),
      ),
    ),
  ]
}
