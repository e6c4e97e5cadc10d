import sharp, { type Sharp } from "sharp"
import type { Change, Subject } from "./changes.ts"
import { BLACK, type Colour, fromPixels, noisy, overlaid, pixelsOf, WHITE } from "./draw.ts"
import { insidePictures } from "./inside.ts"

/** Bars, screenshots, transparency and metadata: the picture is whole, with something around it. */
export function framed(): Change[] {
  return [...bars(), ...screens(), ...transparent(), ...insidePictures()]
}

const jpeg = (pipeline: Sharp, quality = 85) => pipeline.jpeg({ quality }).toBuffer()

interface Edges {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

const above: Edges = { top: 1, bottom: 1, left: 0, right: 0 }
const beside: Edges = { top: 0, bottom: 0, left: 1, right: 1 }
const around: Edges = { top: 1, bottom: 1, left: 1, right: 1 }

/** Edges of so large a share of the picture's sides, in pixels. */
function edgesOf({ raw }: Subject, edges: Edges, share: number): Edges {
  const across = Math.round(raw.width * share)
  const down = Math.round(raw.height * share)
  return { top: edges.top * down, bottom: edges.bottom * down, left: edges.left * across, right: edges.right * across }
}

const hex = ([red, green, blue]: Colour) => ({ r: red, g: green, b: blue })

function bars(): Change[] {
  const change = (name: string, make: (subject: Subject) => Promise<Buffer>): Change => ({
    group: "Bars and frames",
    name,
    make,
  })
  const plain = (name: string, edges: Edges, share: number, colour: Colour) =>
    change(name, (subject) =>
      jpeg(fromPixels(subject.raw).extend({ ...edgesOf(subject, edges, share), background: hex(colour) })),
    )
  const blue: Colour = [32, 64, 192, 255]
  return [
    plain("black above and below, 15 % each", above, 0.15, BLACK),
    plain("black at the sides, 30 % each", beside, 0.3, BLACK),
    plain("white all around, 10 % each", around, 0.1, WHITE),
    plain("blue all around, 5 % each", around, 0.05, blue),
    plain("white below alone, 25 %", { ...above, top: 0 }, 0.25, WHITE),
    ...[8, 20].map((strength) =>
      change(`white all around with noise, sigma ${strength}`, (subject) => noisyBars(subject, strength)),
    ),
    ...[1, 3].map((lines) =>
      change(`white above with ${lines === 1 ? "a line" : "three lines"} of letters`, (subject) =>
        lettered(subject, lines),
      ),
    ),
    change("black above and below with a line of letters each", (subject) => captions(subject)),
    change("sides filled with the picture, blurred", (subject) => blurredSides(subject, "left")),
    change("above and below filled with the picture, blurred", (subject) => blurredSides(subject, "top")),
  ]
}

async function noisyBars(subject: Subject, strength: number): Promise<Buffer> {
  const edges = edgesOf(subject, around, 0.1)
  const pixels = await pixelsOf(fromPixels(subject.raw).extend({ ...edges, background: "#ffffff" }))
  const isBar = (pixel: number) => {
    const [x, y] = [pixel % pixels.width, Math.floor(pixel / pixels.width)]
    return x < edges.left || y < edges.top || x >= edges.left + subject.raw.width || y >= edges.top + subject.raw.height
  }
  return jpeg(fromPixels({ ...pixels, data: noisy(pixels.data, strength, subject.seed, isBar) }))
}

async function lettered(subject: Subject, lines: number): Promise<Buffer> {
  const { width, height } = subject.raw
  const lineHeight = Math.round(height * 0.08)
  const top = Math.round(lineHeight * (lines * 1.4 + 0.6))
  const extended = await fromPixels(subject.raw).extend({ top, background: "#ffffff" }).png().toBuffer()
  const letters = Array.from({ length: lines }, (_, line) => ({
    left: width * 0.06,
    top: lineHeight * (0.5 + 1.4 * line),
    width: width * (line === lines - 1 ? 0.6 : 0.88),
    height: lineHeight,
    colour: BLACK,
    letters: true,
  }))
  return jpeg(overlaid(sharp(extended), letters))
}

async function captions(subject: Subject): Promise<Buffer> {
  const { width, height } = subject.raw
  const edges = edgesOf(subject, above, 0.15)
  const extended = await fromPixels(subject.raw)
    .extend({ ...edges, background: "#000000" })
    .png()
    .toBuffer()
  const letters = [edges.top * 0.25, edges.top + height + edges.bottom * 0.25].map((top) => ({
    left: width * 0.1,
    top,
    width: width * 0.8,
    height: edges.top * 0.5,
    colour: WHITE,
    letters: true,
  }))
  return jpeg(overlaid(sharp(extended), letters))
}

async function blurredSides({ raw }: Subject, side: "left" | "top"): Promise<Buffer> {
  const width = side === "left" ? Math.round(raw.width * 1.6) : raw.width
  const height = side === "top" ? Math.round(raw.height * 1.6) : raw.height
  const ground = await fromPixels(raw).resize(width, height, { fit: "cover" }).blur(12).png().toBuffer()
  const input = await fromPixels(raw).png().toBuffer()
  return jpeg(sharp(ground).composite([{ input, left: (width - raw.width) >> 1, top: (height - raw.height) >> 1 }]))
}

function screens(): Change[] {
  const change = (name: string, make: (subject: Subject) => Promise<Buffer>): Change => ({
    group: "Screenshots",
    name,
    make,
  })
  return [
    change("with a status line and a button row on white", async (subject) => {
      const { width, height } = subject.raw
      const bar = Math.round(height * 0.12)
      const extended = await fromPixels(subject.raw)
        .extend({ top: bar, bottom: bar, background: "#ffffff" })
        .png()
        .toBuffer()
      const marks = [0.04, 0.8].map((left) => ({
        left: width * left,
        top: bar * 0.3,
        width: width * 0.15,
        height: bar * 0.35,
        colour: BLACK,
        letters: true,
      }))
      const buttons = [0.1, 0.45, 0.8].map((left) => ({
        left: width * left,
        top: height + bar * 1.3,
        width: bar * 0.5,
        height: bar * 0.4,
        colour: [90, 90, 90, 255] as const,
      }))
      return jpeg(overlaid(sharp(extended), [...marks, ...buttons]))
    }),
    change("within a page of letters on three sides", async (subject) => {
      const { width, height } = subject.raw
      const edges = {
        top: Math.round(height * 0.25),
        bottom: Math.round(height * 0.4),
        left: Math.round(width * 0.2),
        right: Math.round(width * 0.6),
      }
      const extended = await fromPixels(subject.raw)
        .extend({ ...edges, background: "#f4f4f4" })
        .png()
        .toBuffer()
      const lines = Array.from({ length: 9 }, (_, line) => ({
        left: edges.left + width * 1.05,
        top: edges.top + (height * line) / 9,
        width: width * 0.45,
        height: height * 0.05,
        colour: BLACK,
        letters: true,
      }))
      return jpeg(overlaid(sharp(extended), lines))
    }),
  ]
}

function transparent(): Change[] {
  const change = (name: string, alphaAt: (tone: number) => readonly [tone: number, alpha: number]): Change => ({
    group: "Transparency (PNG)",
    name,
    make: async ({ raw }) => {
      const grey = await fromPixels(raw).greyscale().extractChannel(0).raw().toBuffer()
      const rgba = Buffer.alloc(grey.length * 4)
      for (const [i, tone] of grey.entries()) {
        const [own, alpha] = alphaAt(tone)
        rgba.fill(own, i * 4, i * 4 + 3)
        rgba[i * 4 + 3] = alpha
      }
      return sharp(rgba, { raw: { width: raw.width, height: raw.height, channels: 4 } })
        .png()
        .toBuffer()
    },
  })
  return [
    change("drawn in alpha, shows on white", (tone) => [0, 255 - tone]),
    change("drawn in alpha, shows on black", (tone) => [255, tone]),
    change("drawn in alpha, shows on middle grey", (tone) => [
      tone < 128 ? 0 : 255,
      Math.min(255, 2 * Math.abs(tone - 128)),
    ]),
    change("half transparent", (tone) => [tone, 128]),
  ]
}
